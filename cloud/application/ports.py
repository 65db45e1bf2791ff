"""What the use cases need from outside: a place to keep things, a clock, fresh ids, and somebody to wake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from cloud.application.access_ports import AccessLog
from cloud.application.account_ports import AccessKeys, AccountBook
from cloud.application.alert_ports import Alerts
from cloud.application.assurance_ports import Exercises, Photos, Reports, Windows
from cloud.application.card_key_ports import CardKeys
from cloud.application.channel_ports import ChannelBook
from cloud.application.consultation_ports import ConsultationBook
from cloud.application.credit_ports import CreditBook, CreditTables, RatedTasks
from cloud.application.enrolment_ports import Enrolments
from cloud.application.exchange_ports import Exchange
from cloud.application.fleet_ports import Batches, Boots, Configurations, DeadLetters, Nodes, Orders
from cloud.application.label_ports import LabelBook
from cloud.application.ledger_ports import LedgerBook, PersonalStore, PublishedHeads
from cloud.application.loss_ports import LossBook
from cloud.application.messages import NotificationOutbox, Webhooks
from cloud.application.missive_ports import Missives
from cloud.application.once_ports import KeptRequests
from cloud.application.reach_ports import Contacts, Handovers, Rosters
from cloud.application.records import Note, Tally
from cloud.application.saved_view_ports import SavedViewShelf
from cloud.application.screen_ports import ScreenBook
from cloud.application.sought import EVERYTHING, Sought
from cloud.application.throttle_ports import ReportSources
from cloud.application.upkeep_ports import Patrols, UpkeepBook
from cloud.application.welfare_ports import Consents
from cloud.domain.community.names import Language
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Estate, Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.sight import Concern, Outlook
from cloud.domain.tasks.task import Task


class Clock(Protocol):
    """Aware UTC now. Tests inject their own."""

    def now(self) -> datetime: ...


class Ids(Protocol):
    """Fresh ids that sort by when they were given."""

    def new(self, now: datetime) -> str: ...


class Announcer(Protocol):
    """Wakes whoever waits for the ledger of an estate to grow. Called after the commit, from the committing thread;
    it must not block and cannot fail the commit.
    """

    def announce(self, estate: str, seq: int) -> None: ...


class Registers(Protocol):
    """Estates and what is known of them."""

    def find(self, estate: str) -> Register | None:
        """The newest snapshot; the same object as long as nothing was loaded since."""
        ...

    def estates(self) -> Sequence[Estate]: ...

    def every(self) -> Sequence[Register]:
        """The newest snapshot of each estate, by its id, asked for at once however many there are."""
        ...

    def member(self, member_id: str) -> Member | None: ...

    def digest(self, estate: str) -> str | None:
        """The digest of the description last stored; None when the estate is new."""
        ...

    def store(self, register: Register, digest: str) -> None:
        """Replace what is known of the estate by this snapshot. A language that a member has chosen stays."""
        ...

    def choose_language(self, member_id: str, language: Language) -> None:
        """The member's own choice, whatever the estate's file says now or later."""
        ...


class Incidents(Protocol):
    def get(self, incident_id: str) -> Incident | None: ...

    def latest(self, estate: str, matter: str) -> Incident | None:
        """The incident about that matter which was opened last, closed or not."""
        ...

    def among(self, incident_ids: Collection[str]) -> Mapping[str, Incident]: ...

    def hidden_by(self, incident_id: str) -> Sequence[Incident]: ...

    def hidden(self, estate: str) -> Sequence[Incident]:
        """Those that are not over and that a cause hides."""
        ...

    def save(self, incident: Incident) -> None: ...


class Tasks(Protocol):
    def get(self, task_id: str) -> Task | None: ...

    def estate_of(self, task_id: str) -> str | None:
        """To hold the estate before the task is read."""
        ...

    def of_incident(self, incident_id: str) -> Task | None: ...

    def concerns(self, incident_ids: Collection[str]) -> Mapping[str, Concern]:
        """Whom the tasks of these incidents concern, by incident. One without a task concerns who oversees its place."""
        ...

    def open(self, estate: str, seen_by: Outlook | None = None) -> Sequence[Task]:
        """`seen_by`: only those that this outlook sees; None: all."""
        ...

    def open_over(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        """Of each of these estates what that outlook sees, asked for at once."""
        ...

    def unanswered(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        """Where life is at stake and nobody has acknowledged, exercises too: of each of these estates what that outlook sees."""
        ...

    def tallies(self, seen_by: Mapping[str, Outlook], parties: Collection[str]) -> Mapping[str, Tally]:
        """The open tasks of each of these estates, counted: of life safety, no exercises, as that outlook sees them, and those in
        which any of these parties has a part. Estates without either are left out.
        """
        ...

    def closed(
        self, estate: str, *, limit: int = 50, before: tuple[datetime, str] | None = None,
        seen_by: Outlook | None = None, sought: Sought = EVERYTHING,
    ) -> Sequence[Task]:  # fmt: skip
        """Tasks that are over, the last closed first, of one moment by id; those that follow (closed at, id) `before`.
        `seen_by` and `sought` narrow them before they are counted.
        """
        ...

    def due(self, now: datetime, limit: int = 1) -> Sequence[Task]:
        """Tasks on which time has something to change, claimed for this unit of work: no other worker gets them
        until it ends.
        """
        ...

    def next_due_at(self) -> datetime | None:
        """The soonest moment at which time has something to change on a task; None when there is none."""
        ...

    def save(self, task: Task) -> None:
        """Raises cloud.errors.Conflict when somebody saved it since it was read."""
        ...


class Notes(Protocol):
    def put(self, note: Note) -> None: ...

    def of_incident(self, incident_id: str) -> Sequence[Note]: ...


class UnitOfWork(Protocol):
    """One transaction. What is not committed when it ends is rolled back; the commit announces what the ledger gained."""

    @property
    def registers(self) -> Registers: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def boots(self) -> Boots: ...
    @property
    def alerts(self) -> Alerts: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def ledger(self) -> LedgerBook: ...
    @property
    def outbox(self) -> NotificationOutbox: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def nodes(self) -> Nodes: ...
    @property
    def dead_letters(self) -> DeadLetters: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def personal(self) -> PersonalStore: ...
    @property
    def heads(self) -> PublishedHeads: ...
    @property
    def keys(self) -> AccessKeys: ...
    @property
    def accounts(self) -> AccountBook: ...
    @property
    def enrolments(self) -> Enrolments: ...
    @property
    def configurations(self) -> Configurations: ...
    @property
    def orders(self) -> Orders: ...
    @property
    def losses(self) -> LossBook: ...
    @property
    def card_keys(self) -> CardKeys: ...
    @property
    def rosters(self) -> Rosters: ...
    @property
    def contacts(self) -> Contacts: ...
    @property
    def handovers(self) -> Handovers: ...
    @property
    def credit(self) -> CreditBook: ...
    @property
    def credit_tables(self) -> CreditTables: ...
    @property
    def rated_tasks(self) -> RatedTasks: ...
    @property
    def exchange(self) -> Exchange: ...
    @property
    def access(self) -> AccessLog: ...
    @property
    def consultation(self) -> ConsultationBook: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def photos(self) -> Photos: ...
    @property
    def exercises(self) -> Exercises: ...
    @property
    def windows(self) -> Windows: ...
    @property
    def upkeep(self) -> UpkeepBook: ...
    @property
    def patrols(self) -> Patrols: ...
    @property
    def sources(self) -> ReportSources: ...
    @property
    def kept(self) -> KeptRequests: ...
    @property
    def views(self) -> SavedViewShelf: ...
    @property
    def screens(self) -> ScreenBook: ...
    @property
    def labels(self) -> LabelBook: ...
    @property
    def missives(self) -> Missives: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def channels(self) -> ChannelBook: ...

    def commit(self) -> None:
        """Make it durable (fsync), then announce. Raises cloud.errors.Unavailable when the storage did not take it."""
        ...


class UnitsOfWork(Protocol):
    """Opens transactions. Both raise cloud.errors.Unavailable when the storage cannot be reached or is locked too long."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """One writer at a time; it holds the right to write from the beginning, so it never fails half-way for a lock."""
        ...

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A consistent view; nothing can be committed."""
        ...


class IngestWatch(Protocol):
    """Since when ingest has been connected and not lagging; None while it is not.

    A node's silence counts only from then: who cannot hear must not accuse (wire.md, Watching the watcher).
    """

    def listening_since(self) -> datetime | None: ...
