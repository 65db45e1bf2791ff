"""Units of work in memory: what is not committed was never there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from cloud.application.once_ports import KeptRequest
from cloud.application.ports import Announcer
from cloud.application.records import BatchKey, DeadLetter, Note, StoredEvent
from cloud.domain.accounts.screen import Screen
from cloud.domain.accounts.throttle import Bucket
from cloud.domain.community.access import AccessKey
from cloud.domain.community.channel_setup import ChannelSetup
from cloud.domain.community.contacts import Contact
from cloud.domain.community.label import Label
from cloud.domain.community.names import Language
from cloud.domain.community.saved_view import SavedView
from cloud.domain.duties.consent import Consent
from cloud.domain.duties.register import Register
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.fleet.configuration import Configuration
from cloud.domain.fleet.credential import Claim, Credential
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import Order
from cloud.domain.fleet.progress import Progress
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.handover import Handover
from cloud.domain.records.ledger import Draft, Entry, Head
from cloud.domain.records.ledger_chain import chain
from cloud.domain.records.missive import Missive
from cloud.domain.records.notification import Notification
from cloud.domain.records.webhook import Posting, Webhook
from cloud.domain.tasks.task import Task
from schemas.topics import NodeAddress
from tests.fakes.access_log import FakeAccessLog
from tests.fakes.assurance import Assurance, FakePhotos, FakePlanned, FakeReports
from tests.fakes.boots import FakeBoots
from tests.fakes.card_keys import FakeCardKeys, KnownCardKeys
from tests.fakes.channel_setups import FakeChannelSetups
from tests.fakes.consultation import FakeConsultation
from tests.fakes.exchange import FakeExchange
from tests.fakes.fleet import FakeBatches, FakeConfigurations, FakeDeadLetters, FakeEnrolments, FakeNodes, FakeOrders
from tests.fakes.kept_requests import FakeKeptRequests
from tests.fakes.labels import FakeLabels
from tests.fakes.ledger_side import FakePersonal, FakePublishedHeads, LedgerSide
from tests.fakes.losses import FakeLossBook
from tests.fakes.matters import FakeAlerts, FakeIncidents, FakeTasks
from tests.fakes.missives import FakeMissives
from tests.fakes.notices import FakeNotificationOutbox, FakeWebhooks
from tests.fakes.people import FakeAccessKeys, FakeNotes, FakeRegisters, NoAccounts
from tests.fakes.reach import FakeContacts, FakeHandovers, FakeRosters
from tests.fakes.report_sources import FakeReportSources, Sources
from tests.fakes.saved_views import FakeSavedViews
from tests.fakes.screens import FakeScreens
from tests.fakes.upkeep import FakePatrols, FakeUpkeep, Kept
from tests.fakes.welfare import FakeConsents


@dataclass
class Memory:
    """Everything that has been committed."""

    registers: dict[str, tuple[Register, str]] = field(default_factory=dict)
    chosen_languages: dict[str, Language] = field(default_factory=dict)
    batches: set[BatchKey] = field(default_factory=set)
    progress: dict[tuple[str, str], Progress] = field(default_factory=dict)
    events: list[StoredEvent] = field(default_factory=list)
    boots: dict[tuple[NodeAddress, str], BootTime] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    ledger: dict[str, list[Entry]] = field(default_factory=dict)
    notifications: dict[str, Notification] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    postings: dict[str, Posting] = field(default_factory=dict)
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    letters: dict[str, DeadLetter] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    side: LedgerSide = field(default_factory=LedgerSide)
    keys: dict[str, AccessKey] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    drained: set[str] = field(default_factory=set)
    configurations: dict[tuple[str, str, int], Configuration] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    losses: dict[tuple[str, str], Losses] = field(default_factory=dict)
    card_keys: KnownCardKeys = field(default_factory=KnownCardKeys)
    contacts: dict[str, list[Contact]] = field(default_factory=dict)
    handovers: dict[str, Handover] = field(default_factory=dict)
    access_counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    exchange: dict[tuple[str, str], Any] = field(default_factory=dict)
    assurance: Assurance = field(default_factory=Assurance)
    sources: Sources = field(default_factory=Sources)
    kept: Kept = field(default_factory=Kept)
    requests: dict[str, KeptRequest] = field(default_factory=dict)
    saved_views: dict[str, SavedView] = field(default_factory=dict)
    screens: dict[str, Screen] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    missives: dict[str, Missive] = field(default_factory=dict)
    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    channel_setups: dict[str, ChannelSetup] = field(default_factory=dict)
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def copy(self) -> Memory:
        # Registers are snapshots that nobody changes; copying them for every unit would cost the tests their speed.
        rest = {name: deepcopy(value) for name, value in vars(self).items() if name != "registers"}
        return Memory(registers=dict(self.registers), **rest)


class FakeLedger:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.appended: dict[str, int] = {}

    def hold(self, estate: str) -> None:
        """Memory has one writer at a time."""

    def append(self, estate: str, drafts: Sequence[Draft]) -> Sequence[Entry]:
        entries = chain(estate, self.head(estate), drafts)
        self._memory.ledger.setdefault(estate, []).extend(entries)
        if entries:
            self.appended[estate] = entries[-1].seq
        return entries

    def head(self, estate: str) -> Head:
        entries = self._memory.ledger.get(estate)
        return Head(entries[-1].seq, entries[-1].hash) if entries else Head()

    def reached(self, estates: Collection[str]) -> Mapping[str, int]:
        known = self._memory.ledger
        return {estate: known[estate][-1].seq for estate in estates if known.get(estate)}

    def since(self, estate: str, seq: int, limit: int = 500) -> Sequence[Entry]:
        return [entry for entry in self._memory.ledger.get(estate, []) if entry.seq > seq][:limit]

    def of_incident(self, incident_id: str) -> Sequence[Entry]:
        return [e for entries in self._memory.ledger.values() for e in entries if e.incident_id == incident_id]

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Entry]:
        return [entry for entry in self._memory.ledger.get(estate, []) if start <= entry.at < end][:limit]


class FakeUnitOfWork:
    def __init__(self, owner: FakeUnitsOfWork) -> None:
        self._owner, self._memory = owner, owner.memory.copy()
        self.registers = FakeRegisters(self._memory)
        self.accounts = NoAccounts(self._memory.buckets)
        self.batches = FakeBatches(self._memory)
        self.boots = FakeBoots(self._memory.boots)
        self.losses = FakeLossBook(self._memory.losses)
        self.card_keys = FakeCardKeys(self._memory.card_keys)
        self.alerts = FakeAlerts(self._memory)
        self.incidents = FakeIncidents(self._memory)
        self.tasks = FakeTasks(self._memory)
        self.ledger = FakeLedger(self._memory)
        self.outbox = FakeNotificationOutbox(self._memory)
        self.webhooks = FakeWebhooks(self._memory)
        self.nodes = FakeNodes(self._memory)
        self.dead_letters = FakeDeadLetters(self._memory)
        self.notes = FakeNotes(self._memory)
        self.personal = FakePersonal(self._memory.side, self._memory.incidents)
        self.heads = FakePublishedHeads(self._memory.side)
        self.keys = FakeAccessKeys(self._memory)
        self.enrolments = FakeEnrolments(self._memory)
        self.configurations = FakeConfigurations(self._memory)
        self.orders = FakeOrders(self._memory)
        self.rosters = FakeRosters(self._memory.registers)
        self.contacts = FakeContacts(self._memory.contacts)
        self.exchange = FakeExchange(self._memory.exchange)
        self.consultation = FakeConsultation()
        self.handovers = FakeHandovers(self._memory.handovers)
        self.upkeep, self.patrols = FakeUpkeep(self._memory.kept), FakePatrols(self._memory.kept)
        self.sources = FakeReportSources(self._memory.sources)
        self.kept = FakeKeptRequests(self._memory.requests)
        self.views = FakeSavedViews(self._memory.saved_views)
        self.screens = FakeScreens(self._memory.screens)
        self.labels = FakeLabels(self._memory.labels)
        self.missives = FakeMissives(self._memory.missives)
        self.consents = FakeConsents(self._memory.consents)
        self.channels = FakeChannelSetups(self._memory.channel_setups)
        self.access = FakeAccessLog(self._memory.events, self._memory.access_counts)
        kept = self._memory.assurance
        self.reports, self.photos = FakeReports(kept), FakePhotos(kept, self._memory.side)
        self.exercises, self.windows = FakePlanned(kept.exercises), FakePlanned(kept.windows)

    def commit(self) -> None:
        self._owner.memory = self._memory.copy()
        appended, self.ledger.appended = self.ledger.appended, {}
        if self._owner.announcer is not None:
            for estate, seq in appended.items():
                self._owner.announcer.announce(estate, seq)


class FakeUnitsOfWork:
    def __init__(self, announcer: Announcer | None = None) -> None:
        self.memory, self.announcer, self._lock = Memory(), announcer, RLock()

    @contextmanager
    def writing(self) -> Iterator[FakeUnitOfWork]:
        with self._lock:
            yield FakeUnitOfWork(self)

    @contextmanager
    def reading(self) -> Iterator[FakeUnitOfWork]:
        yield FakeUnitOfWork(self)
