"""Ingest as a whole: from the broker's messages to the two lanes that store them, and back to the acknowledgements."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import lru_cache

import structlog

from cloud.application.asking.readiness import Readiness
from cloud.application.fleet.admission import Admission
from cloud.application.intake.record_telemetry import Letters, RecordTelemetry
from cloud.entrypoints.ingest.acknowledgements import FULL_CREDIT, Acknowledgements, Send
from cloud.entrypoints.ingest.decoding import Arrival
from cloud.entrypoints.ingest.doorkeeper import Doorkeeper
from cloud.entrypoints.ingest.fact_lane import FactLane, UseCases
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.precedence import Precedence
from cloud.entrypoints.ingest.storing import Storing
from cloud.entrypoints.ingest.telemetry_lane import TelemetryLane, Ticking
from cloud.entrypoints.ingest.waiting_room import WaitingRoom
from cloud.entrypoints.supervised import Part
from schemas.batch import Stream
from schemas.topics import Channel, is_from_cloud

BROKER = "broker"
_READINGS, _STATE = "readings", "state"
_BUSY = 0.5
"""Share of the room from which ingest asks nodes to hold their backlog back."""

_LAGGING_S = 10.0
"""Older than this at the head of the room, ingest cannot tell a silent node from one that waits here."""

_TELEMETRY, _EVENTS = f"/{Channel.TELEMETRY}", f"/{Channel.EVENTS}"
_LONGEST_OURS = 160
"""What is longer is no topic of ours, and is not remembered: names have at most 63 characters."""
_ours = lru_cache(maxsize=16_384)(is_from_cloud)
"""Every acknowledgement comes back to us with all that is under our root, on a topic for each node."""


class Intake:
    """Two lanes with a thread each: an event never waits for telemetry, nor for its disk (they are different files)."""

    def __init__(
        self,
        send: Send,
        record_telemetry: RecordTelemetry,
        letters: Letters,
        use_cases: UseCases,
        *,
        admission: Admission,
        clock: Ticking,
        readiness: Readiness,
        measures: Measures,
    ) -> None:
        self._clock = clock
        self._readiness = readiness
        self._stopping = threading.Event()
        self._listening_since: datetime | None = None
        self._deaf_until: datetime | None = None
        self._missed = 0
        self._log = structlog.get_logger("cloud.ingest")
        self._telemetry, self._events, self._others = WaitingRoom(), WaitingRoom(), WaitingRoom()
        for name, room in (("telemetry", self._telemetry), ("events", self._events), ("others", self._others)):
            measures.waiting(name).set_function(room.__len__)
        rooms = (self._telemetry, self._events, self._others)
        measures.turned_away.set_function(lambda: sum(room.turned_away for room in rooms))
        precedence = Precedence()
        door = Doorkeeper(admission, letters, measures)
        self._telemetry_lane = TelemetryLane(
            self._telemetry,
            record_telemetry,
            letters,
            Acknowledgements(Stream.TELEMETRY, send, credit=self._credit),
            door=door,
            storing=Storing(_READINGS, readiness, self._stopping),
            precedence=precedence,
            clock=clock,
            measures=measures,
            stopping=self._stopping,
        )
        self._fact_lane = FactLane(
            self._events,
            self._others,
            use_cases,
            Acknowledgements(Stream.EVENTS, send, credit=self._credit),
            voids=self._telemetry_lane,
            door=door,
            storing=Storing(_STATE, readiness, self._stopping),
            precedence=precedence,
            clock=clock,
            measures=measures,
            stopping=self._stopping,
        )
        self._threads = [
            threading.Thread(target=self._telemetry_lane.run, name="ingest-telemetry", daemon=True),
            threading.Thread(target=self._fact_lane.run, name="ingest-facts", daemon=True),
        ]
        readiness.troubled(BROKER, "not connected to the broker yet")

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finishes what is in hand. What still waits was not acknowledged and comes again."""
        self._stopping.set()
        for room in (self._telemetry, self._events):
            room.somebody.set()
        for thread in self._threads:
            if thread.ident:
                thread.join(10.0)

    @property
    def dead(self) -> str | None:
        """The name of a lane whose thread ended although nobody asked it to: the process must end and be started anew."""
        if self._stopping.is_set():
            return None
        return next((thread.name for thread in self._threads if thread.ident and not thread.is_alive()), None)

    @property
    def telemetry(self) -> TelemetryLane:
        """Who owns the store of readings, for what comes another way than over the wire."""
        return self._telemetry_lane

    @property
    def parts(self) -> dict[str, Part]:
        """What has to go round, for who watches over the process."""
        telemetry, facts = self._telemetry_lane, self._fact_lane
        return {
            "ingest of telemetry": Part(lambda: telemetry.turns, telemetry.nudge, says=_READINGS),
            "ingest of facts": Part(lambda: facts.turns, facts.nudge, says=_STATE),
        }

    def received(self, topic: str, payload: bytes) -> None:
        """Called from the connection's thread for every message: sorts it, and nothing else."""
        if topic.endswith(_TELEMETRY):
            room = self._telemetry
        elif topic.endswith(_EVENTS):
            room = self._events
        elif len(topic) > _LONGEST_OURS or not _ours(topic):
            room = self._others
        else:
            return
        room.put(Arrival(topic, payload, self._clock.now()))

    def connected(self) -> None:
        self._readiness.well(BROKER)
        self._listening_since = self._clock.now()

    def lost(self, why: str) -> None:
        self._listening_since = None
        self._readiness.troubled(BROKER, why)

    def listening_since(self) -> datetime | None:
        """Since when nodes can be heard; None while they cannot, or while what they said still waits here.

        From one thread, again and again: once it has caught up, or has turned a node's word away that nobody repeats, it
        begins to listen anew.
        """
        now, missed = self._clock.now(), self._others.turned_away
        oldest = self._others.oldest or self._telemetry.oldest
        behind = oldest is not None and (now - oldest).total_seconds() > _LAGGING_S
        if behind or missed != self._missed:
            self._deaf_until, self._missed = now, missed
            return None
        since = self._listening_since
        return since if since is None or self._deaf_until is None else max(since, self._deaf_until)

    def _credit(self) -> int:
        fullness = self._telemetry.fullness
        return FULL_CREDIT if fullness < _BUSY / 4 else FULL_CREDIT // 4 if fullness < _BUSY else 1
