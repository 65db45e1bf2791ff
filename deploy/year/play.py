"""The year is played: one queue of what is to happen, and between its moments the timers that the engine itself set."""

from __future__ import annotations

import base64
import hashlib
import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.notices.send_notifications import NOTHING, SendNotifications
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.attach_photo import AttachPhoto
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.tasks.step_aside import StepAside
from cloud.domain.community.means import Means
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.tasks.witness import Stage
from deploy.year import estate
from deploy.year.nature import Mishap, mishaps
from deploy.year.report import Report, report
from deploy.year.town import Town
from schemas.batch import ClockState
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch
from schemas.hazards import hazard
from schemas.topics import NodeAddress

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
AFTER: Final = timedelta(days=10)
"""How long the last incidents are followed after the year's end."""

Progressed = Callable[[float, float], None]
"""(days so far, days in all)."""


def _uuid(kind: str, number: int) -> str:
    """The same for the same number: a year is played twice alike."""
    return f"0197a600-0000-7000-{kind}000-{number:012x}"


_BOOT: Final = _uuid("b", 0)


@dataclass
class LeapingClock:
    """Time that stands still between two moments of the queue."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


A_PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""One dot: what the people of the year show with it, they say with it."""


class CountedIds:
    """Ids by number, so that a year is the same whenever it is played."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, now: datetime) -> str:
        del now
        return f"{next(self._numbers):012d}"


class AlwaysThere:
    """Ingest never fails in this year: it is about people."""

    def listening_since(self) -> datetime:
        return START - timedelta(days=1)


@dataclass
class Node:
    """What the nodes of the estate say, numbered as their outboxes do."""

    record: RecordEvents
    clock: LeapingClock
    seq: dict[str, int] = field(default_factory=dict)
    matters: set[str] = field(default_factory=set)
    """The tasks that its words have opened or touched."""

    def says(self, building: str, event: Event) -> None:
        seq = self.seq[building] = self.seq.get(building, 0) + 1
        mono = (self.clock.at - START).total_seconds()
        batch = EventBatch(
            outbox=_uuid("a", int(building[1:])), boot=_BOOT, seq=seq, sealed_mono=mono, sent_mono=mono, sent_boot=_BOOT,
            clock=ClockState.SYNCHRONISED, events=[event],
        )  # fmt: skip
        digest = hashlib.sha256(f"{building}:{seq}".encode()).digest()
        address = NodeAddress(estate.ID, f"{building}-node")
        self.matters |= set(self.record(EventArrival(address, batch, digest, self.clock.at)).tasks)


class Year:
    """Everything of one run. Deterministic in seed, days and count."""

    def __init__(self, folder: Path, *, seed: int, days: int, count: int) -> None:
        self.seed, self.days, self.count = seed, days, count
        self.clock, ids = LeapingClock(), CountedIds()
        self.engine = open_engine(f"sqlite:///{folder / 'year.db'}")
        upgrade(self.engine)
        self.units = SqlUnitsOfWork(self.engine)
        LoadEstate(self.units, self.clock)(estate.description())
        with self.units.reading() as uow:
            found = uow.registers.find(estate.ID)
        assert found is not None
        self.register = found
        chance = random.Random(f"{seed}:town")  # noqa: S311 - the same year for the same seed is the point
        attach = AttachPhoto(self.units, self.clock, ids, PhotoShelf(folder / "photos"), salts=lambda: "00")
        self.town = Town(
            self.units, ActOnTask(self.units, self.clock, ids), StepAside(self.units, self.clock, ids), found,
            self._later, self.clock.now, self._mended, self._mishap_of,
            lambda task_id, member: attach(task_id, member, A_PICTURE, Stage.OTHER), chance,
        )  # fmt: skip
        self._node = Node(RecordEvents(self.units, self.clock, ids), self.clock)
        self._timers = RunTimers(self.units, self.clock, ids, AlwaysThere())
        self._send = SendNotifications(self.units, self.clock, ids, {CONSOLE: self.town}, means=Means(console=True))
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._raised: dict[str, tuple[Mishap, str]] = {}
        self._numbers = itertools.count(1)
        self.onsets = 0

    def play(self, progressed: Progressed) -> Report:
        """From the first day to the end of the last matter. Raises what a use case raises: nothing is passed over."""
        local = self.register.estate.local
        coming = mishaps(
            self.seed, START, self.days, lambda: self.count - len(self._node.matters), lambda at: local(at).hour
        )
        self._await(next(coming, None), coming.__next__)
        self._await_mornings()
        end = START + timedelta(days=self.days) + AFTER
        while (at := self._soonest(end)) is not None:
            self.clock.at = at
            while self._queue and self._queue[0][0] <= at:
                heapq.heappop(self._queue)[2]()
            self._timers()
            while self._send() != NOTHING:
                pass
            progressed((at - START) / timedelta(days=1), self.days + AFTER.days)
        self.clock.at = end
        return report(self.units, self.register, seed=self.seed, days=self.days, onsets=self.onsets)

    def close(self) -> None:
        self.engine.dispose()

    def _soonest(self, end: datetime) -> datetime | None:
        with self.units.reading() as uow:
            due = uow.tasks.next_due_at()
        moments = [self._queue[0][0]] if self._queue else []
        if due is not None:
            moments.append(max(due, self.clock.at))
        at = min(moments, default=None)
        return at if at is not None and at < end else None

    def _later(self, delay: timedelta, deed: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.clock.at + delay, next(self._order), deed))

    def _await(self, mishap: Mishap | None, following: Callable[[], Mishap]) -> None:
        if mishap is None:
            return

        def begin() -> None:
            self._begin(mishap)
            try:
                self._await(following(), following)
            except StopIteration:
                return

        heapq.heappush(self._queue, (mishap.at, next(self._order), begin))

    def _await_mornings(self) -> None:
        """Every day at eight, in the estate's time, shifts change."""

        def morning() -> None:
            self.town.look_at_the_board()
            self._later(timedelta(days=1), morning)

        eight = self.register.estate.local(START).replace(hour=8, minute=0) + timedelta(days=1)
        heapq.heappush(self._queue, (eight.astimezone(UTC), next(self._order), morning))

    def _begin(self, mishap: Mishap) -> None:
        """A mishap on what is broken already is none."""
        if any(known.equipment == mishap.equipment for known, _ in self._raised.values()):
            return
        occurrence = _uuid("8", next(self._numbers))
        self._raised[occurrence] = (mishap, mishap.equipment)
        self.onsets += 1
        known = hazard(mishap.nature.hazard)
        self._says(mishap, AlarmRaised(mono=self._mono(), t=self.clock.at.timestamp(), occurrence=occurrence,
                   rule="year", hazard=known.id, severity=known.severity, equipment=mishap.equipment))  # fmt: skip
        if mishap.passes_after is not None:
            self._later(mishap.passes_after, lambda: self._ends(occurrence))

    def _ends(self, occurrence: str) -> None:
        found = self._raised.pop(occurrence, None)
        if found is None:
            return
        mishap, _ = found
        self._says(mishap, AlarmCleared(mono=self._mono(), t=self.clock.at.timestamp(), occurrence=occurrence,
                   rule="year", hazard=mishap.nature.hazard, equipment=mishap.equipment))  # fmt: skip

    def _occurrences(self, incident_id: str) -> list[str]:
        """What lasts of an incident's alarms."""
        with self.units.reading() as uow:
            alerts = uow.alerts.of_incidents([incident_id]).get(incident_id, ())
        return [id_ for alert in alerts for id_ in sorted(alert.occurrences) if id_ in self._raised]

    def _mended(self, incident_id: str) -> None:
        for occurrence in self._occurrences(incident_id):
            self._ends(occurrence)

    def _mishap_of(self, incident_id: str) -> Mishap | None:
        return next((self._raised[id_][0] for id_ in self._occurrences(incident_id)), None)

    def _mono(self) -> float:
        return (self.clock.at - START).total_seconds()

    def _says(self, mishap: Mishap, event: Event) -> None:
        self._node.says(mishap.equipment.split("/")[0], event)
