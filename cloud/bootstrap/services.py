"""The second page of the wiring: what a request may need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cloud.adapters.calendars import CalendarFile
from cloud.adapters.demonstration import DemoProcess
from cloud.adapters.notify.console_codes import ConsoleCodes
from cloud.adapters.photos import PhotoShelf
from cloud.adapters.sealing import FernetSeal
from cloud.application.accounts.guesses import LabelGuesses
from cloud.application.answer_once import AnswerOnce
from cloud.application.asking.alarm_quality import AskAlarmQuality
from cloud.application.asking.building import AskBuildings
from cloud.application.asking.dead_letter import AskDeadLetter
from cloud.application.asking.duty_room import AskDutyRoom
from cloud.application.asking.equipment_course import AskEquipment
from cloud.application.asking.export_tables import ExportTables
from cloud.application.asking.first_hour import AskFirstHour
from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.asking.public_matters import PublicMatters
from cloud.application.asking.public_requests import PublicRequests
from cloud.application.asking.public_warnings import PublicWarnings
from cloud.application.asking.queries import Queries
from cloud.application.asking.telemetry_counts import TelemetryCounts
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.keep_roll import KeepRoll
from cloud.application.consultation.take_roll import RollTables, TakeRoll
from cloud.application.credit.following import CreditFollows
from cloud.application.estates.demonstrate import Demonstrate
from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.estates.saved_views import SavedViews
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.fleet.configure_nodes import ConfigureNodes
from cloud.application.fleet.edit_document import DocumentSheet, EditDocument
from cloud.application.fleet.rule_questions import RuleQuestions
from cloud.application.intake.at_the_desk import AtTheDesk
from cloud.application.intake.at_the_label import AtTheLabel
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.record_event import RecordEvents
from cloud.application.intake.replays import KeepReplays
from cloud.application.intake.report_hazard import ReportHazard
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.ledger.publish_heads import AskHeads
from cloud.application.messages import Channels, Poster
from cloud.application.notices.switchboard import LinkCarriers
from cloud.application.notices.try_again import TryAgain
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.rosters.at_home import AtHome
from cloud.application.rosters.reaching import Reaching
from cloud.application.rosters.through_channels import ThroughChannels
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.answer_call import AnswerCall
from cloud.application.tasks.assurance import Assurance
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.resident_home import AskResidentHome
from cloud.application.tasks.stand_down import StandDown
from cloud.application.tasks.step_aside import StepAside
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.application.tasks.verify_task import VerifyTask
from cloud.application.timeseries import TimeSeriesReader
from cloud.bootstrap.channels import keep_channels, keypad_of
from cloud.bootstrap.shared import Shared
from cloud.domain.exchange.regulated import RegulatedLists
from cloud.domain.fleet.boot_time import BootTime
from cloud.entrypoints.api.services import Messaging, Published, Services, SettingUp, Tuning
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.ingest.importing import Telemetry
from cloud.entrypoints.ingest.replaying import ReplayLetter
from cloud.proofs import limits_of
from cloud.state import State, files_of_estates
from schemas.batch import Batch
from schemas.topics import NodeAddress


@dataclass(frozen=True)
class Stores:
    """Where readings are drawn from and counted, who makes them durable, and the live streams."""

    readings: TimeSeriesReader
    telemetry: Telemetry
    counts: TelemetryCounts
    feeds: Feeds


def services_of(common: Shared, state: State, stores: Stores, *, channels: Channels, poster: Poster) -> Services:
    """Everything behind the interface and the pages, on the one database."""
    settings, clock, units, ids = common.settings, common.clock, state.units, common.ids
    through = ThroughChannels(channels, ConsoleCodes(), clock, ids)
    follows = CreditFollows(state.credit.granting)
    act = ActOnTask(units, clock, ids, follows.deed)
    buildings = AskBuildings(units, clock, stores.readings)
    return Services(
        queries=Queries(units, clock),
        act=act,
        aside=StepAside(units, clock, ids),
        joint=JoinForces(units, clock, ids),
        merge=MergeTasks(units, clock, ids),
        stand_down=StandDown(units, clock, ids),
        sign_in=state.sign_in,
        accounts=state.accounts,
        enrolling=state.enrolling,
        nodes=state.nodes,
        configure=state.configure,
        tuning=Tuning(
            RuleQuestions(units, stores.readings, clock),
            AskAlarmQuality(units, clock),
            EditDocument(units, state.configure, _sheet),
            ConfigureNodes(units, state.configure, _sheet),
            _replay(common, stores),
            TryAgain(units, clock),
            AskDeadLetter(units),
        ),
        command=state.command,
        card_keys=state.card_keys,
        duties=state.duties,
        asked_duties=state.asked_duties,
        export=ExportLedger(units, clock),
        heads=AskHeads(units),
        erase=state.erase,
        personal=state.personal,
        registers=PrintRegister(units, clock),
        reach=Reaching.on(units, clock, ids, CalendarFile(), through, sign_in=state.sign_in),
        credit=state.credit,
        exchange=Exchanging(units, clock, ids, _regulated, follows.small_task),
        messaging=_messaging(common, state, act, poster),
        consulting=Consulting(units, clock, ids),
        take_roll=TakeRoll(KeepRoll(units, clock, ids), _rolls),
        assurance=Assurance.on(units, clock, ids, PhotoShelf(settings.photos_path), follows.verdicts),
        report=ReportHazard(units, clock, ids, LinkCarriers(channels, linked=settings.web.public_url is not None)),
        known_here=KnownHere(units, clock),
        at_the_label=AtTheLabel(units, clock, KnownHere(units, clock)),
        at_the_desk=AtTheDesk(units, clock, KnownHere(units, clock)),
        label_guesses=LabelGuesses(units, clock, limits_of(settings)),
        labels=KeepLabels(units, clock),
        throttle=Throttle(units, clock),
        public=Published(PublicWarnings(units, clock), PublicMatters(units, clock), PublicRequests(units, clock)),
        once=AnswerOnce(units, clock, FernetSeal()),
        views=SavedViews(units, clock, ids),
        welfare=AtHome.on(units, clock, stores.readings),
        duty_room=AskDutyRoom(units, clock),
        buildings=buildings,
        equipment=AskEquipment(units, clock, buildings),
        home=AskResidentHome(units, clock),
        setting_up=_setting_up(common, state),
        readings=stores.readings,
        clock=clock,
        feeds=stores.feeds,
        reading_counts=stores.counts,
        troubles=common.readiness.troubles,
        metrics=common.registry,
        secure_cookies=settings.web.secure,
        demo=None if settings.demonstration else Demonstrate(units, DemoProcess(settings.demonstration_path)),
        demonstrates=settings.demonstration,
        url=settings.web.outward_url,
    )


def _replay(common: Shared, stores: Stores) -> ReplayLetter:
    units, clock = common.units, common.clock
    events = RecordEvents(units, clock, common.ids)

    def boots(address: NodeAddress, batch: Batch, arrived: int) -> BootTime:
        """With no memory of its own, so that any thread may ask."""
        return BootTimes(units)(address, batch, arrived)

    return ReplayLetter(KeepReplays(units, clock), stores.telemetry, events, boots, clock)


def _messaging(common: Shared, state: State, act: ActOnTask, poster: Poster) -> Messaging:
    """What members and managers see of messages."""
    units, clock, ids = common.units, common.clock, common.ids
    return Messaging(
        WebhookBook(units, clock, ids, poster, url=common.settings.web.outward_url),
        MessagesSent(units),
        AnswerCall(units, clock, act, VerifyTask(units, clock, ids), keypad_of(common, state.known_channels)),
    )


def _setting_up(common: Shared, state: State) -> SettingUp:
    """What an administrator does in an estate's first hour."""
    units, clock, ids = state.units, common.clock, common.ids
    ask = AskFirstHour(units, clock, state.means)
    settings = common.settings
    return SettingUp(
        ask,
        state.amend,
        state.files,
        ExportTables(units, clock, files_of_estates),
        TryAlarm(units, clock, ids),
        EndTest(units, clock, ids),
        keep_channels(common, state),
        str((settings.file or settings.data / "cloud.toml").absolute()),
    )


@cache
def _regulated() -> RegulatedLists:
    """Read when somebody first offers or seeks something: as all of YAML, which an estate seldom needs."""
    from cloud.adapters.estate_file import regulated_work

    return regulated_work()


def _sheet() -> DocumentSheet:
    from cloud.adapters.estate_file.node_text import YamlDocument

    return YamlDocument()


def _rolls() -> RollTables:
    from cloud.adapters.estate_file.roll_table import RollTable

    return RollTable()
