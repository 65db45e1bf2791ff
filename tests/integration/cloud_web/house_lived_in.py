"""The estate that lives in the house: what goes wrong in it and what its sensors say, through the real use cases."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Engine

from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.identifiers import RandomIds
from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.timeseries import Origin, StoredBatch, to_micros
from cloud.domain.community.access import Origin as Where
from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.records.delivery import Delivery
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.feeds.tail import Feeds
from schemas.batch import ClockState
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch
from schemas.hazards import hazard
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.fakes.channels import FakeChannel, FakePoster
from tests.fakes.clocks import AlwaysListening, SetClock
from tests.fakes.reach import Letterbox
from tests.fakes.timeseries import InMemoryReadings
from tests.integration.cloud_web.house_ground import Ground
from tests.integration.cloud_web.house_register import ESTATE

BOOT = "0197a600-0000-7000-8000-000000000001"
_SPACE = UUID("0197a600-0000-7000-8000-000000000000")


def uuid(name: str) -> str:
    return str(uuid5(_SPACE, name))


@dataclass
class House:
    """The estate and everything that serves it. `clock` stands still until it is moved or started."""

    units: SqlUnitsOfWork
    clock: SetClock
    feeds: Feeds
    readings: InMemoryReadings
    services: Services
    letterbox: Letterbox
    channels: Mapping[str, FakeChannel]
    poster: FakePoster
    engine: Engine
    built_at: datetime
    common: Callable[[], frozenset[str]]
    ground: Ground
    _seq: int = 0
    _batch: int = 0
    _raised: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def goes_wrong(
        self,
        hazard_id: str,
        equipment: str,
        *,
        point: str | None = None,
        value: float | bool | str | None = None,
        threshold: float | None = None,
        ago: timedelta = timedelta(),
        estate: str = ESTATE,
    ) -> str:
        """An alarm of that hazard is raised at the equipment; gives the incident's task. `estate`: another than the house's."""
        occurrence = uuid(f"{hazard_id}/{equipment}/{self._seq}")
        self._raised.setdefault((hazard_id, equipment), []).append(occurrence)
        at = self.clock.now() - ago
        raised = AlarmRaised(
            t=at.timestamp(),
            mono=1000.0,
            occurrence=occurrence,
            rule=f"{equipment}/rule",
            hazard=hazard_id,
            severity=hazard(hazard_id).severity,
            equipment=equipment,
            point=point,
            value=value,
            threshold=threshold,
        )
        return self._send(raised, estate).tasks[0]

    def goes_right(self, hazard_id: str, equipment: str) -> None:
        """Every alarm of that hazard at the equipment clears."""
        for occurrence in self._raised.pop((hazard_id, equipment), []):
            self._send(
                AlarmCleared(
                    t=self.clock.now().timestamp(),
                    mono=1000.0,
                    occurrence=occurrence,
                    rule=f"{equipment}/rule",
                    hazard=hazard_id,
                    equipment=equipment,
                )
            )

    def _send(self, event: Event, estate: str = ESTATE):
        self._seq += 1
        now = self.clock.now()
        batch = EventBatch(
            outbox=uuid("outbox"),
            boot=BOOT,
            seq=self._seq,
            sealed_mono=1000.0,
            clock=ClockState.SYNCHRONISED,
            sent_mono=1000.0,
            sent_boot=BOOT,
            events=[event],
        )
        arrival = EventArrival(
            NodeAddress(estate, "b3-gateway"), batch, hashlib.sha256(str(self._seq).encode()).digest(), now
        )
        return RecordEvents(self.units, self.clock, RandomIds())(arrival)

    def node_connects(self, version: str = "0.1.0") -> None:
        born = Born(
            outbox=uuid("outbox"),
            boot=BOOT,
            connection=1,
            agent_version=version,
            config_version=3,
            config_hash="0" * 64,
            clock=ClockState.SYNCHRONISED,
            mono=10.0,
            equipment=["b3/lift-2"],
        )
        RecordPresence(self.units, self.clock, RandomIds())(NodeAddress(ESTATE, "b3-gateway"), born, self.clock.now())

    def node_is_configured(self) -> None:
        """An operator issues a document: a detector, a lift and a door."""
        member = self.services.queries.register(ESTATE, None).members["engineer"]
        equipment = [
            {"id": "b1/detector-7a", "kind": "smoke_detector", "obscuration": {"channel": 0, "at_full": 0.2}},
            {"id": "b3/lift-2", "kind": "lift", "controller": {"host": "192.0.2.7"}},
        ]
        self.services.configure.put(ESTATE, "b3-gateway", {"equipment": equipment}, member, reason="first")

    def nonsense_arrives(self, payload: bytes, reason: str) -> None:
        refused = Refused(
            f"tocsin/v1/{ESTATE}/b3-gateway/telemetry",
            payload,
            reason,
            self.clock.now(),
            NodeAddress(ESTATE, "b3-gateway"),
        )
        PutDeadLetter(self.units, self.clock, RandomIds())(refused)

    def message_fails(self, task_id: str, member: str = "guard") -> str:
        """A message about the task to that member was tried in every way there is and given up; its id."""
        now = self.clock.now()
        with self.units.writing() as uow:
            told = uow.outbox.of_task(task_id)[0]
            delivery = Delivery(
                uuid(f"{task_id}/{member}"), told.id, ESTATE, task_id, told.incident_id, told.party_id, member, 1, now, now,
                attempts=16, rounds=8, channel="sms", why=fault("gateway-answered", status=503), failed_at=now,
            )  # fmt: skip
            uow.outbox.deliver([delivery])
            uow.commit()
        return delivery.id

    def time_passes(self, length: timedelta) -> None:
        """The clock moves, and what falls due is done."""
        self.clock.pass_by(length)
        RunTimers(self.units, self.clock, RandomIds(), AlwaysListening(datetime(2026, 1, 1, tzinfo=UTC)))()

    def sensor_reports(self, point: str, course: list[tuple[timedelta, float | bool | str]]) -> None:
        """Readings of a point at these times before now."""
        self._batch += 1
        now = to_micros(self.clock.now())
        samples = [(point, now - before // timedelta(microseconds=1), value, 0) for before, value in course]
        origin = Origin(ESTATE, "b3-gateway", uuid("outbox"))
        self.readings.record([StoredBatch(origin, self._batch, bytes(16), sorted(samples, key=lambda s: s[1]))], now)

    def lift_stands(
        self,
        lift: str,
        floor: float | None,
        *,
        ago: float = 1.0,
        direction: str = "none",
        level: bool = True,
        door_open: bool = False,
    ) -> None:
        """What a lift's controller says of it, that many seconds ago; one that has a direction moves."""
        said = {"direction": direction, "moving": direction != "none", "at-level": level, "door-open": door_open}
        for point, value in {**said, **({} if floor is None else {"floor": float(floor)})}.items():
            self.sensor_reports(f"{lift}/{point}", [(timedelta(seconds=ago), value)])

    def smoke_grows(self, detector: str, *, minutes_ago: float, peak: float = 0.12) -> None:
        """A t² fire under a detector: clean air, then more and more of its light lost per metre."""
        course: list[tuple[timedelta, float]] = []
        for second in range(0, 15 * 60, 5):
            left = timedelta(seconds=15 * 60 - second)
            burning = max(0.0, minutes_ago * 60 + 90 - left.total_seconds())
            noise = 0.0008 * math.sin(second)
            course.append((left, min(peak, 0.004 + noise + peak * (burning / 240) ** 2)))
        self.sensor_reports(f"{detector}/obscuration-per-metre", course)

    def link_for(self, member: str) -> str:
        return self.services.sign_in.issue_link(member).token

    def session_of(self, member: str) -> str:
        return self.services.sign_in.enter(self.link_for(member)).token

    def screen_of(self, maker: str, party: str, label: str = "Gate house") -> str:
        """A screen that hangs on a wall: what its browser holds."""
        screens = self.services.accounts.screens
        hung = screens.make(self.identity(maker), ESTATE, party, label)
        return screens.open(hung.token, Where("192.0.2.9", "wall browser"))

    def keeps_a_roster(self) -> None:
        """The property's guard has the nights; for one of them the manager stands in. By day nobody is on duty."""
        night = Shift(("guard",), time(20), time(8))
        now, manager = self.clock.now(), self.identity("manager")
        roster = Roster("guards", ESTATE, "property", Names("保安", "Guards"), shifts=(night,))
        self.services.reach.rosters.put(roster, manager, new=True)
        self.services.reach.rosters.override(
            ESTATE, "guards", manager, starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=2),
            members=("manager",), replaces="guard", note="leave",
        )  # fmt: skip

    def identity(self, member: str):
        return self.services.sign_in.identify(self.session_of(member))

    def account(self, member: str):
        with self.units.reading() as uow:
            return uow.accounts.of_member(member)

    def sessions(self, member: str):
        with self.units.reading() as uow:
            return [key for key in uow.keys.of_member(member) if key.purpose == "session"]

    def ledger(self):
        with self.units.reading() as uow:
            return uow.ledger.since(ESTATE, 0, 10_000)

    def api_token_of(self, member: str, *scopes: str) -> str:
        return self.services.sign_in.issue_api_token(member, scopes=scopes).token
