"""What the pages, the interface and the streams are made from; bootstrap puts it together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from cloud.application.accounts.guesses import LabelGuesses
from cloud.application.accounts.keeping import Accounts
from cloud.application.answer_once import AnswerOnce
from cloud.application.asking.alarm_quality import AskAlarmQuality
from cloud.application.asking.building import AskBuildings
from cloud.application.asking.dead_letter import AskDeadLetter
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.asking.duty_room import AskDutyRoom
from cloud.application.asking.equipment_course import AskEquipment
from cloud.application.asking.export_tables import ExportTables
from cloud.application.asking.first_hour import AskFirstHour
from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.asking.public_matters import PublicMatters
from cloud.application.asking.public_requests import PublicRequests
from cloud.application.asking.public_warnings import PublicWarnings
from cloud.application.asking.queries import Queries
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.take_roll import TakeRoll
from cloud.application.credit.crediting import Crediting
from cloud.application.estates.amend_estate import AmendEstate
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.demonstrate import Demonstrate
from cloud.application.estates.import_estate import ImportEstate
from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.estates.saved_views import SavedViews
from cloud.application.estates.sign_in import SignIn
from cloud.application.exchange.exchanging import Exchanging
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.configure_nodes import ConfigureNodes
from cloud.application.fleet.edit_document import EditDocument
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.fleet.rule_questions import RuleQuestions
from cloud.application.intake.at_the_desk import AtTheDesk
from cloud.application.intake.at_the_label import AtTheLabel
from cloud.application.intake.known_here import KnownHere
from cloud.application.intake.report_hazard import ReportHazard
from cloud.application.intake.throttle import Throttle
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.ledger.publish_heads import AskHeads
from cloud.application.notices.try_again import TryAgain
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.ports import Clock
from cloud.application.rosters.at_home import AtHome
from cloud.application.rosters.keep_channels import KeepChannels
from cloud.application.rosters.reaching import Reaching
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.answer_call import AnswerCall
from cloud.application.tasks.assurance import Assurance
from cloud.application.tasks.join_forces import JoinForces
from cloud.application.tasks.merge_tasks import MergeTasks
from cloud.application.tasks.resident_home import AskResidentHome
from cloud.application.tasks.stand_down import StandDown
from cloud.application.tasks.step_aside import StepAside
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.application.timeseries import NodeCounts, TimeSeriesReader
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.ingest.replaying import ReplayLetter


def _nothing_amiss() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Messaging:
    """How other systems are told, and what became of messages."""

    webhooks: WebhookBook
    sent: MessagesSent
    answer_call: AnswerCall


@dataclass(frozen=True)
class Published:
    """What anybody may ask without signing in, as feeds tell it."""

    warnings: PublicWarnings
    matters: PublicMatters
    requests: PublicRequests


@dataclass(frozen=True)
class SettingUp:
    """An estate's first hour: how far it is, each step of it, files in and out, and the test at the end. `settings_file`: what
    the program was started with, or would be.
    """

    ask: AskFirstHour
    amend: AmendEstate
    files: ImportEstate
    tables: ExportTables
    try_alarm: TryAlarm
    end_test: EndTest
    channels: KeepChannels
    settings_file: str


@dataclass(frozen=True)
class Tuning:
    """What operators and managers make alarms better with."""

    rules: RuleQuestions
    quality: AskAlarmQuality
    documents: EditDocument
    several: ConfigureNodes
    replay: ReplayLetter
    try_again: TryAgain
    letter: AskDeadLetter


@dataclass(frozen=True)
class Services:
    """Everything a request may need.

    `feeds` is also the Announcer to hand to the units of work. `reading_counts` gives a node's telemetry counters and
    is called from any thread. `troubles` is asked by /readyz: by part, what keeps the program from doing its work.
    `url`: the address people type, for what travels (feeds); None: as each request says it.
    `demo`: opens a simulated estate; None: there is none to open. `demonstrates`: this is one, and every page says so.
    `secure_cookies`: the service is reached by https, so cookies never travel without it.
    """

    queries: Queries
    act: ActOnTask
    aside: StepAside
    joint: JoinForces
    merge: MergeTasks
    stand_down: StandDown
    sign_in: SignIn
    accounts: Accounts
    enrolling: Enrolling
    nodes: NodeQuestions
    configure: ConfigureNode
    tuning: Tuning
    command: CommandNode
    card_keys: CardKeying
    duties: ChangeDuties
    asked_duties: DutyQuestions
    export: ExportLedger
    heads: AskHeads
    erase: ErasePersonal
    personal: ListPersonal
    registers: PrintRegister
    reach: Reaching
    credit: Crediting
    exchange: Exchanging
    messaging: Messaging
    consulting: Consulting
    take_roll: TakeRoll
    assurance: Assurance
    report: ReportHazard
    known_here: KnownHere
    at_the_label: AtTheLabel
    at_the_desk: AtTheDesk
    label_guesses: LabelGuesses
    labels: KeepLabels
    throttle: Throttle
    public: Published
    once: AnswerOnce
    views: SavedViews
    welfare: AtHome
    duty_room: AskDutyRoom
    buildings: AskBuildings
    equipment: AskEquipment
    home: AskResidentHome
    setting_up: SettingUp
    readings: TimeSeriesReader
    clock: Clock
    feeds: Feeds = field(default_factory=Feeds)
    reading_counts: Callable[[str, str], NodeCounts] | None = None
    troubles: Callable[[], Mapping[str, str]] = _nothing_amiss
    metrics: CollectorRegistry | None = None
    secure_cookies: bool = False
    demo: Demonstrate | None = None
    demonstrates: bool = False
    url: str | None = None
