"""A small estate on real storage, to whose equipment things happen through the real use cases."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid5

from sqlalchemy import Engine

from cloud.adapters.accounts.common_passwords import common_passwords
from cloud.adapters.accounts.one_time_codes import TimeCodes
from cloud.adapters.accounts.passwords import Argon2Passwords
from cloud.adapters.accounts.secret_seal import open_seal
from cloud.adapters.calendars import CalendarFile
from cloud.adapters.estate_file import default_credit_table, regulated_work
from cloud.adapters.estate_file.country import Countries
from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.first_estate import first_estate
from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sealing import FernetSeal
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.accounts.keeping import Accounts, Organisation
from cloud.application.accounts.label_guesses import LabelGuesses
from cloud.application.accounts.proving import Means
from cloud.application.answer_once import AnswerOnce
from cloud.application.asking.alarm_quality import AskAlarmQuality
from cloud.application.asking.building import AskBuildings
from cloud.application.asking.dead_letter import AskDeadLetter
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.asking.duty_room import AskDutyRoom
from cloud.application.asking.equipment_course import AskEquipment
from cloud.application.asking.first_hour import AskFirstHour
from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.asking.public_matters import PublicMatters
from cloud.application.asking.public_requests import PublicRequests
from cloud.application.asking.public_warnings import PublicWarnings
from cloud.application.asking.queries import Queries
from cloud.application.card_key_ports import CardKeyVault
from cloud.application.consultation.consulting import Consulting
from cloud.application.credit.crediting import Crediting
from cloud.application.credit.following import CreditFollows
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.amend_estate import AmendEstate
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.import_estate import ImportEstate
from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.estates.saved_views import SavedViews
from cloud.application.estates.sign_in import SignIn
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.edit_document import EditDocument
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.fleet.rule_questions import RuleQuestions
from cloud.application.identifiers import RandomIds
from cloud.application.intake.at_the_label import AtTheLabel
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.intake.record_telemetry import RecordTelemetry
from cloud.application.intake.replays import KeepReplays
from cloud.application.intake.report_hazard import ReportHazard
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.ledger.publish_heads import AskHeads
from cloud.application.notices.try_again import TryAgain
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.rosters.at_home import AtHome
from cloud.application.rosters.reaching import Reaching
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.answer_call import AnswerCall, Keypad
from cloud.application.tasks.assurance import Assurance
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.resident_home import AskResidentHome
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.tasks.stand_down import StandDown
from cloud.application.tasks.step_aside import StepAside
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.application.tasks.verify_task import VerifyTask
from cloud.application.timeseries import NodeCounts, Origin, StoredBatch, to_micros
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.fleet.card_key import Rotation
from cloud.domain.records.delivery import Delivery
from cloud.entrypoints.api.services import Messaging, Published, Services, SettingUp, Tuning
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.ingest.replaying import ReplayLetter
from schemas.batch import ClockState
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch
from schemas.hazards import hazard
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.fakes.channels import FakeChannel, FakePoster, read_key
from tests.fakes.clocks import AlwaysListening
from tests.fakes.reach import Letterbox
from tests.fakes.state import fresh_state
from tests.fakes.timeseries import InMemoryReadings
from tests.integration.cloud_web.house_register import ESTATE, register_of

BOOT = "0197a600-0000-7000-8000-000000000001"
_SPACE = UUID("0197a600-0000-7000-8000-000000000000")


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
    engine: Engine
    built_at: datetime
    common: Callable[[], frozenset[str]]
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
                attempts=16, rounds=8, channel="sms", why="the gateway answered 503", failed_at=now,
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


def _telemetry(readings: InMemoryReadings, units: SqlUnitsOfWork, clock: SetClock) -> RecordTelemetry:
    letters = PutDeadLetter(units, clock, RandomIds())
    return RecordTelemetry(readings, letters, ReportConflict(units, RandomIds()), BootTimes(units))


def _authority(folder: Path, now: datetime) -> Authority:
    # The library of certificates is loaded when one is needed, as in `cloud.state`: a bench measures this process.
    from cloud.adapters.authority import open_authority

    return open_authority(folder, now=now)


def _vault(folder: Path) -> CardKeyVault:
    from cloud.adapters.card_key_vault import open_vault

    return open_vault(folder)


@contextmanager
def built_in(
    folder: Path,
    at: datetime | None = None,
    names: dict[str, Names] | None = None,
    organisation: Callable[[SetClock], Organisation] | None = None,
    *,
    empty: bool = False,
) -> Iterator[House]:
    """The house on a database in that folder; `empty`: a product in which nobody has set anything up."""
    engine = fresh_state(folder / "tocsin.db")
    feeds = Feeds()
    units = SqlUnitsOfWork(engine, feeds)
    clock = SetClock(at or datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC))
    readings, letterbox = InMemoryReadings(), Letterbox()
    credit = Crediting(units, clock, RandomIds(), default_credit_table)
    follows = CreditFollows(credit.granting)
    act = ActOnTask(units, clock, RandomIds(), follows.deed)
    buildings = AskBuildings(units, clock, readings)
    sign_in, common = SignIn(units, clock), cache(common_passwords)
    sms, voice, poster = FakeChannel(), FakeChannel(rings=True), FakePoster()
    through = ThroughChannels({"sms": sms, "voice": voice}, letterbox, clock, RandomIds())
    services = Services(
        queries=Queries(units, clock),
        act=act,
        messaging=Messaging(
            WebhookBook(units, clock, RandomIds(), poster),
            MessagesSent(units),
            AnswerCall(units, clock, act, VerifyTask(units, clock, RandomIds()), Keypad("1", read_key, "OK")),
        ),
        aside=StepAside(units, clock, RandomIds()),
        joint=JoinForces(units, clock, RandomIds()),
        merge=MergeTasks(units, clock, RandomIds()),
        stand_down=StandDown(units, clock, RandomIds()),
        sign_in=sign_in,
        accounts=Accounts.on(
            units,
            clock,
            RandomIds(),
            sign_in=sign_in,
            # Smaller figures than in production: what is tested is not how slow argon2 is.
            means=Means(
                Argon2Passwords(memory_kib=64, passes=1),
                TimeCodes,
                cache(lambda: open_seal(folder / "authority")),
                common,
            ),
            first_estate=first_estate,
            organisation=organisation(clock) if organisation else None,
        ),
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
        tuning=Tuning(
            RuleQuestions(units, readings, clock),
            AskAlarmQuality(units, clock),
            EditDocument(units, ConfigureNode(units, clock), YamlDocument),
            ReplayLetter(
                KeepReplays(units, clock),
                _telemetry(readings, units, clock),
                RecordEvents(units, clock, RandomIds()),
                BootTimes(units),
                clock,
            ),
            TryAgain(units, clock),
            AskDeadLetter(units),
        ),
        command=CommandNode(units, clock),
        card_keys=CardKeying(units, clock, RandomIds(), cache(lambda: _vault(folder / "authority")), Rotation()),
        duties=ChangeDuties(units, clock, YamlSheet()),
        asked_duties=DutyQuestions(units, clock),
        export=ExportLedger(units, clock),
        heads=AskHeads(units),
        erase=ErasePersonal(units, clock),
        personal=ListPersonal(units, clock),
        registers=PrintRegister(units, clock),
        reach=Reaching.on(units, clock, RandomIds(), CalendarFile(), through, sign_in=sign_in),
        credit=credit,
        exchange=Exchanging(units, clock, RandomIds(), regulated_work, follows.small_task),
        consulting=Consulting(units, clock, RandomIds()),
        assurance=Assurance.on(units, clock, RandomIds(), PhotoShelf(folder / "photos"), follows.verdicts),
        report=ReportHazard(units, clock, RandomIds()),
        known_here=KnownHere(units, clock),
        at_the_label=AtTheLabel(units, clock, KnownHere(units, clock)),
        label_guesses=LabelGuesses(units, clock),
        labels=KeepLabels(units, clock),
        throttle=Throttle(units, clock),
        public=Published(PublicWarnings(units, clock), PublicMatters(units, clock), PublicRequests(units, clock)),
        once=AnswerOnce(units, clock, FernetSeal()),
        views=SavedViews(units, clock, RandomIds()),
        welfare=AtHome.on(units, clock, readings),
        duty_room=AskDutyRoom(units, clock),
        buildings=buildings,
        equipment=AskEquipment(units, clock, buildings),
        home=AskResidentHome(units, clock),
        setting_up=SettingUp(
            AskFirstHour(units, clock),
            AmendEstate(units, clock, Countries()),
            ImportEstate(units, clock, Files),
            TryAlarm(units, clock, RandomIds()),
            EndTest(units, clock, RandomIds()),
        ),
        readings=readings,
        clock=clock,
        feeds=feeds,
        reading_counts=lambda _estate, _node: NodeCounts(stored=1842, readings=36840, duplicate=3),
    )
    if not empty:
        with units.writing() as uow:
            uow.registers.store(register_of(names or {}), "digest")
            uow.commit()
    try:
        yield House(
            units,
            clock,
            feeds,
            readings,
            services,
            letterbox,
            {"sms": sms, "voice": voice},
            poster,
            engine,
            clock.now(),
            common,
        )
    finally:
        engine.dispose()
