"""A small estate on real storage, to whose equipment things happen through the real use cases."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from cloud.adapters.calendars import CalendarFile
from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.tables import metadata
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.asking.queries import Queries
from cloud.application.card_key_ports import CardKeyVault
from cloud.application.consultation.consulting import Consulting
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.sign_in import SignIn
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.identifiers import RandomIds
from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.intake.report_hazard import ReportHazard
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.ledger.publish_heads import AskHeads
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.rosters.reaching import Reaching
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.answer_call import AnswerCall, Keypad
from cloud.application.tasks.assurance import Assurance
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.tasks.step_aside import StepAside
from cloud.application.timeseries import NodeCounts, Origin, StoredBatch, to_micros
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.duties.duty import Duty, DutyMatrix, Need
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Step
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry, Register
from cloud.domain.fleet.card_key import Rotation
from cloud.entrypoints.api.services import Messaging, Services
from cloud.entrypoints.feeds.tail import Feeds
from schemas.batch import ClockState
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch
from schemas.hazards import Severity, hazard
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.fakes.channels import FakeChannel, FakePoster, read_key
from tests.fakes.reach import Letterbox
from tests.fakes.timeseries import InMemoryReadings

ESTATE = "example"
ROOT = "binhai"
HOME = f"{ROOT}/example"
BOOT = "0197a600-0000-7000-8000-000000000001"
_SPACE = UUID("0197a600-0000-7000-8000-000000000000")
MINUTES = timedelta(minutes=1)


def uuid(name: str) -> str:
    return str(uuid5(_SPACE, name))


class SetClock:
    """A clock that stands where it is put; `start` lets it run with the machine's."""

    def __init__(self, at: datetime) -> None:
        self._at, self._since = at, None

    def now(self) -> datetime:
        return self._at if self._since is None else self._at + (datetime.now(UTC) - self._since)

    def start(self) -> None:
        self._since = datetime.now(UTC)

    def pass_by(self, length: timedelta) -> None:
        self._at += length


class AlwaysListening:
    def listening_since(self) -> datetime | None:
        return datetime(2026, 1, 1, tzinfo=UTC)


def _places(estate_names: Names) -> list[Place]:
    places = [
        Place(ROOT, PlaceKind.STREET, Names("滨海街道", "Binhai Street")),
        Place(HOME, PlaceKind.ESTATE, estate_names),
    ]
    for number in (1, 3, 5):
        building = f"{HOME}/b{number}"
        places.append(Place(building, PlaceKind.BUILDING, Names(f"{number}号楼", f"Building {number}")))
        places += [
            Place(f"{building}/f{floor}", PlaceKind.FLOOR, Names(f"{floor}层", f"floor {floor}")) for floor in (1, 7)
        ]
    return places


def _parties() -> list[Party]:
    def party(name: str, kind: PartyKind, zh: str, en: str, phone: str | None = None) -> Party:
        return Party(name, kind, Names(zh, en), (HOME,), phone)

    return [
        party("property", PartyKind.PROPERTY_MANAGER, "物业服务中心", "Property office", "022-0000-0001"),
        party("lifts", PartyKind.LIFT_MAINTAINER, "电梯维保单位", "Lift maintainer", "022-0000-0002"),
        party("control-room", PartyKind.FIRE_CONTROL_ROOM, "消防控制室", "Fire control room", "022-0000-0003"),
        party("station", PartyKind.MICRO_FIRE_STATION, "微型消防站", "Micro fire station"),
        party("committee", PartyKind.RESIDENTS_COMMITTEE, "居民委员会", "Residents' committee"),
        party("operator", PartyKind.PLATFORM_OPERATOR, "平台运维", "Platform operator"),
        party("street", PartyKind.STREET_OFFICE, "街道办事处", "Street office"),
        Party("119", PartyKind.EXTERNAL, Names("消防救援", "Fire and rescue"), phone="119"),
        Party("96333", PartyKind.EXTERNAL, Names("电梯应急处置", "Lift emergency service"), phone="96333"),
        Party("elsewhere", PartyKind.PROPERTY_MANAGER, Names("外部物业", "Another estate's property"), ("other",)),
    ]


def _members() -> list[Member]:
    def member(name: str, party: str, role: Role, zh: str, en: str) -> Member:
        return Member(name, party, Names(zh, en), role)

    return [
        member("manager", "property", Role.MANAGER, "值班经理", "Duty manager"),
        member("guard", "property", Role.RESPONDER, "值班保安", "Duty guard"),
        member("technician", "lifts", Role.RESPONDER, "值班技师", "Technician on duty"),
        member("controller", "control-room", Role.RESPONDER, "值班员", "Control room operator"),
        member("officer", "committee", Role.OVERSEER, "社区工作者", "Committee officer"),
        member("engineer", "operator", Role.OPERATOR, "运维工程师", "Platform engineer"),
        member("administrator", "operator", Role.ADMINISTRATOR, "系统管理员", "Administrator"),
        member("street-officer", "street", Role.OVERSEER, "街道值班员", "Street duty officer"),
        member("tenant", "property", Role.RESIDENT, "住户", "Resident"),
        member("lodger", "property", Role.RESIDENT, "另一住户", "Another resident"),
        member("stranger", "elsewhere", Role.ADMINISTRATOR, "外部管理员", "Another estate's administrator"),
    ]


def _kind(value: str) -> PartyRef:
    return PartyRef("kind", value)


def _matrix() -> DutyMatrix:
    basis = Names("示例依据，请按当地规定确认", "An example's basis, to be confirmed locally")
    phones = tuple(PartyRef("phone", number) for number in ("96333", "119"))
    ladder = EscalationPolicy((Step(3 * MINUTES, Condition.IF_NOT_ACKNOWLEDGED, phones, call_sheet=True),))
    return DutyMatrix(
        4,
        (
            Duty(
                "lift-entrapment",
                ("lift.entrapment",),
                (_kind("lift_maintainer"),),
                3 * MINUTES,
                120 * MINUTES,
                Names(
                    "《台州市电梯安全条例》第三十条（按当地规定确认）",
                    "Taizhou Lift Safety Rules, art. 30 (confirm locally)",
                ),
                supports=(_kind("property_manager"),),
                observers=(_kind("residents_committee"),),
                ladder=ladder,
                needs=frozenset({Need.SENSOR, Need.INDEPENDENT}),
                call_sheet=phones,
            ),
            Duty(
                "fire",
                ("fire.*",),
                (_kind("fire_control_room"),),
                3 * MINUTES,
                60 * MINUTES,
                basis,
                supports=(_kind("micro_fire_station"), _kind("property_manager")),
                observers=(_kind("residents_committee"),),
                ladder=ladder,
                call_sheet=(PartyRef("phone", "119"),),
            ),
            Duty("doors", ("access.*",), (_kind("property_manager"),), 10 * MINUTES, 60 * MINUTES, basis),
            Duty(
                "lift-faults",
                ("lift.*",),
                (_kind("lift_maintainer"),),
                30 * MINUTES,
                240 * MINUTES,
                basis,
                supports=(_kind("property_manager"),),
            ),
        ),
    )


def _register(names: dict[str, Names]) -> Register:
    def item(name: str, kind: EquipmentKind, place: str, zh: str, en: str) -> Equipment:
        return Equipment(name, kind, f"{HOME}/{place}", names.get(name, Names(zh, en)), "b3-gateway")

    equipment = [
        item("b3/lift-2", EquipmentKind.LIFT, "b3", "2号梯", "Lift 2"),
        item("b1/lift-1", EquipmentKind.LIFT, "b1", "1号梯", "Lift 1"),
        item("b5/north-gate", EquipmentKind.ACCESS_GATE, "b5/f1", "北门", "North gate"),
        item("b1/garage-door", EquipmentKind.ACCESS_GATE, "b1", "地下车库门", "Garage door"),
        item("b1/detector-7a", EquipmentKind.SMOKE_DETECTOR, "b1/f7", "走廊烟感", "Corridor detector"),
    ]
    estate_names = names.get("estate", Names("示例小区", "Example estate"))
    node_names = names.get("b3-gateway", Names("3号楼网关", "Gateway of building 3"))
    return Register(
        estate=Estate(ESTATE, HOME, estate_names, "property"),
        version=4,
        places=PlaceTree(_places(estate_names)),
        parties={party.id: party for party in _parties()},
        members={member.id: member for member in _members()},
        equipment={item.id: item for item in equipment},
        nodes={"b3-gateway": NodeEntry("b3-gateway", f"{HOME}/b3", node_names)},
        matrix=_matrix(),
    )


@dataclass
class House:
    """The estate and everything that serves it. `clock` stands still until it is moved or started."""

    units: SqlUnitsOfWork
    clock: SetClock
    feeds: Feeds
    readings: InMemoryReadings
    services: Services
    letterbox: Letterbox
    channels: dict[str, FakeChannel]
    poster: FakePoster
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
    ) -> str:
        """An alarm of that hazard is raised at the equipment; gives the incident's task."""
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
        return self._send(raised).tasks[0]

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

    def _send(self, event: Event):
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
            NodeAddress(ESTATE, "b3-gateway"), batch, hashlib.sha256(str(self._seq).encode()).digest(), now
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

    def nonsense_arrives(self, payload: bytes, reason: str) -> None:
        refused = Refused(
            f"tocsin/v1/{ESTATE}/b3-gateway/telemetry",
            payload,
            reason,
            self.clock.now(),
            NodeAddress(ESTATE, "b3-gateway"),
        )
        PutDeadLetter(self.units, self.clock, RandomIds())(refused)

    def time_passes(self, length: timedelta) -> None:
        """The clock moves, and what falls due is done."""
        self.clock.pass_by(length)
        RunTimers(self.units, self.clock, RandomIds(), AlwaysListening())()

    def sensor_reports(self, point: str, course: list[tuple[timedelta, float | bool | str]]) -> None:
        """Readings of a point at these times before now."""
        self._batch += 1
        now = to_micros(self.clock.now())
        samples = [(point, now - before // timedelta(microseconds=1), value, 0) for before, value in course]
        origin = Origin(ESTATE, "b3-gateway", uuid("outbox"))
        self.readings.record([StoredBatch(origin, self._batch, bytes(16), sorted(samples, key=lambda s: s[1]))], now)

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

    def api_token_of(self, member: str, *scopes: str) -> str:
        return self.services.sign_in.issue_api_token(member, scopes=scopes).token


def _authority(folder: Path, now: datetime) -> Authority:
    # The library of certificates is loaded when one is needed, as in `cloud.state`: a bench measures this process.
    from cloud.adapters.authority import open_authority

    return open_authority(folder, now=now)


def _vault(folder: Path) -> CardKeyVault:
    from cloud.adapters.card_key_vault import open_vault

    return open_vault(folder)


@contextmanager
def built_in(folder: Path, at: datetime | None = None, names: dict[str, Names] | None = None) -> Iterator[House]:
    """The house on a database in that folder."""
    engine = open_engine(f"sqlite:///{folder / 'tocsin.db'}")
    metadata.create_all(engine)
    feeds = Feeds()
    units = SqlUnitsOfWork(engine, feeds)
    clock = SetClock(at or datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC))
    readings, letterbox = InMemoryReadings(), Letterbox()
    credit = Crediting(units, clock, RandomIds(), default_credit_table())
    follows = CreditFollows(credit.granting)
    act = ActOnTask(units, clock, RandomIds(), follows.deed)
    sms, voice, poster = FakeChannel(), FakeChannel(rings=True), FakePoster()
    through = ThroughChannels({"sms": sms, "voice": voice}, letterbox, clock, RandomIds())
    services = Services(
        queries=Queries(units, clock),
        act=act,
        messaging=Messaging(
            WebhookBook(units, clock, RandomIds(), poster),
            MessagesSent(units),
            AnswerCall(units, clock, act, Keypad("1", read_key, "OK")),
        ),
        aside=StepAside(units, clock, RandomIds()),
        joint=JoinForces(units, clock, RandomIds()),
        merge=MergeTasks(units, clock, RandomIds()),
        sign_in=SignIn(units, clock),
        enrolling=Enrolling(
            units,
            clock,
            RandomIds(),
            cache(lambda: _authority(folder / "authority", clock.now())),
            broker=("broker.example", 8883),
            url="https://tocsin.example",
        ),
        nodes=NodeQuestions(units, clock),
        configure=ConfigureNode(units, clock),
        command=CommandNode(units, clock),
        card_keys=CardKeying(units, clock, RandomIds(), cache(lambda: _vault(folder / "authority")), Rotation()),
        duties=ChangeDuties(units, clock, YamlSheet()),
        asked_duties=DutyQuestions(units, clock),
        export=ExportLedger(units, clock),
        heads=AskHeads(units),
        erase=ErasePersonal(units, clock),
        personal=ListPersonal(units, clock),
        registers=PrintRegister(units, clock),
        reach=Reaching.on(units, clock, RandomIds(), CalendarFile(), through),
        credit=credit,
        exchange=Exchanging(units, clock, RandomIds(), regulated_work(), follows.small_task),
        consulting=Consulting(units, clock, RandomIds()),
        assurance=Assurance.on(units, clock, RandomIds(), PhotoShelf(folder / "photos"), follows.verdicts),
        report=ReportHazard(units, clock, RandomIds()),
        known_here=KnownHere(units),
        throttle=Throttle(clock),
        readings=readings,
        clock=clock,
        feeds=feeds,
        reading_counts=lambda _estate, _node: NodeCounts(stored=1842, readings=36840, duplicate=3),
    )
    with units.writing() as uow:
        uow.registers.store(_register(names or {}), "digest")
        uow.commit()
    try:
        yield House(units, clock, feeds, readings, services, letterbox, {"sms": sms, "voice": voice}, poster)
    finally:
        engine.dispose()


LIFE = Severity.CRITICAL
