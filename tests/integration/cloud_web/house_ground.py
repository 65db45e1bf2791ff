"""On what the house stands, and the larger parts that are wired on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from cloud.adapters.accounts.one_time_codes import TimeCodes
from cloud.adapters.accounts.passwords import Argon2Passwords
from cloud.adapters.accounts.secret_seal import open_seal
from cloud.adapters.estate_file.first_estate import first_estate
from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.notify.channel_seal import FileChannelSeal
from cloud.adapters.notify.fitting import ChannelFitting
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.accounts.keeping import Accounts, Organisation
from cloud.application.accounts.proving import Means as Proofs
from cloud.application.asking.alarm_quality import AskAlarmQuality
from cloud.application.asking.dead_letter import AskDeadLetter
from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.card_key_ports import CardKeyVault
from cloud.application.channel_ports import ChannelTools
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.sign_in import SignIn
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.configure_nodes import ConfigureNodes
from cloud.application.fleet.edit_document import EditDocument
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.rule_questions import RuleQuestions
from cloud.application.identifiers import RandomIds
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_event import RecordEvents
from cloud.application.intake.record_telemetry import RecordTelemetry
from cloud.application.intake.replays import KeepReplays
from cloud.application.messages import Channels
from cloud.application.notices.known_channels import KnownChannels, MeansKnown
from cloud.application.notices.switchboard import Switchboard
from cloud.application.notices.try_again import TryAgain
from cloud.application.notices.webhook_book import WebhookBook
from cloud.application.rosters.keep_channels import KeepChannels
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.answer_call import AnswerCall, Keypad
from cloud.application.tasks.verify_task import VerifyTask
from cloud.domain.community.means import Means
from cloud.entrypoints.api.services import Messaging, Tuning
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.ingest.replaying import ReplayLetter
from tests.fakes.channels import FakeChannel, FakePoster, read_key
from tests.fakes.clocks import SetClock
from tests.fakes.reach import Letterbox
from tests.fakes.timeseries import InMemoryReadings


@dataclass
class Ground:
    """On what the house stands: real storage in a folder, and what stands in for the world."""

    folder: Path
    units: SqlUnitsOfWork
    clock: SetClock
    feeds: Feeds
    readings: InMemoryReadings = field(default_factory=InMemoryReadings)
    letterbox: Letterbox = field(default_factory=Letterbox)
    channels: Channels = field(default_factory=lambda: {"sms": FakeChannel(), "voice": FakeChannel(rings=True)})
    poster: FakePoster = field(default_factory=FakePoster)
    empty: bool = False

    def __post_init__(self) -> None:
        """`empty`: a product in which nobody has set anything up, channels neither; they may be on this machine, as the tests' are."""
        seal = cache(lambda: FileChannelSeal(self.folder / "authority"))
        self.known = KnownChannels(self.units, seal, frozenset() if self.empty else frozenset(self.channels))
        self.tools = ChannelTools(seal, ChannelFitting(self.clock.now, loopback=True))
        self.means = MeansKnown(self.known, Means(self.known.laid))
        if self.empty:
            self.channels = Switchboard(self.known, {}, self.tools.fitting)

    @property
    def keep_channels(self) -> KeepChannels:
        return KeepChannels(self.units, self.clock, RandomIds(), self.known, self.tools)


def accounts_on(
    ground: Ground, sign_in: SignIn, common: Callable[[], frozenset[str]], through: Organisation | None
) -> Accounts:
    units, clock, folder = ground.units, ground.clock, ground.folder
    return Accounts.on(
        units,
        clock,
        RandomIds(),
        sign_in=sign_in,
        # Smaller figures than in production: what is tested is not how slow argon2 is.
        means=Proofs(
            Argon2Passwords(memory_kib=64, passes=1),
            TimeCodes,
            cache(lambda: open_seal(folder / "authority")),
            common,
        ),
        first_estate=first_estate,
        organisation=through,
    )


def messaging_on(ground: Ground, act: ActOnTask) -> Messaging:
    units, clock, poster = ground.units, ground.clock, ground.poster
    return Messaging(
        WebhookBook(units, clock, RandomIds(), poster),
        MessagesSent(units),
        AnswerCall(units, clock, act, VerifyTask(units, clock, RandomIds()), lambda: Keypad("1", read_key, "OK")),
    )


def enrolling_on(ground: Ground) -> Enrolling:
    units, clock, folder = ground.units, ground.clock, ground.folder
    return Enrolling(
        units,
        clock,
        RandomIds(),
        cache(lambda: _authority(folder / "authority", clock.now())),
        broker=("broker.example", 8883),
        url="https://tocsin.example",
    )


def tuning_on(ground: Ground) -> Tuning:
    units, clock, readings = ground.units, ground.clock, ground.readings
    return Tuning(
        RuleQuestions(units, readings, clock),
        AskAlarmQuality(units, clock),
        EditDocument(units, ConfigureNode(units, clock), YamlDocument),
        ConfigureNodes(units, ConfigureNode(units, clock), YamlDocument),
        ReplayLetter(
            KeepReplays(units, clock),
            _telemetry(readings, units, clock),
            RecordEvents(units, clock, RandomIds()),
            BootTimes(units),
            clock,
        ),
        TryAgain(units, clock),
        AskDeadLetter(units),
    )


def _telemetry(readings: InMemoryReadings, units: SqlUnitsOfWork, clock: SetClock) -> RecordTelemetry:
    letters = PutDeadLetter(units, clock, RandomIds())
    return RecordTelemetry(readings, letters, ReportConflict(units, RandomIds()), BootTimes(units))


def _authority(folder: Path, now: datetime) -> Authority:
    # The library of certificates is loaded when one is needed, as in `cloud.state`: a bench measures this process.
    from cloud.adapters.authority import open_authority

    return open_authority(folder, now=now)


def vault_in(folder: Path) -> CardKeyVault:
    from cloud.adapters.card_key_vault import open_vault

    return open_vault(folder)
