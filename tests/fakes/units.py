"""Units of work in memory: what is not committed was never there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import RLock

from cloud.application.ports import Announcer
from cloud.application.records import BatchKey, DeadLetter, Note, Raises, StoredEvent
from cloud.domain.community.access import AccessKey
from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Estate, Register
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.fleet.configuration import Configuration
from cloud.domain.fleet.credential import Claim, Credential, CredentialState
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import Order
from cloud.domain.fleet.progress import Progress
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.handover import Handover
from cloud.domain.records.ledger import Draft, Entry, Head, chain
from cloud.domain.records.notification import Notification
from cloud.domain.records.personal import PersonalClass, PersonalRecord
from cloud.domain.records.webhook import Posting, Webhook
from cloud.domain.tasks.task import Task
from cloud.errors import Conflict
from schemas.topics import NodeAddress
from tests.fakes.access_log import FakeAccessLog
from tests.fakes.assurance import Assurance, FakePhotos, FakePlanned, FakeReports
from tests.fakes.boots import FakeBoots
from tests.fakes.card_keys import FakeCardKeys, KnownCardKeys
from tests.fakes.ledger_side import FakePersonal, FakePublishedHeads, LedgerSide
from tests.fakes.losses import FakeLossBook
from tests.fakes.notices import FakeNotificationOutbox, FakeWebhooks
from tests.fakes.reach import FakeContacts, FakeHandovers, FakeRosters


@dataclass
class Memory:
    """Everything that has been committed."""

    registers: dict[str, tuple[Register, str]] = field(default_factory=dict)
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
    assurance: Assurance = field(default_factory=Assurance)

    def copy(self) -> Memory:
        # Registers are snapshots that nobody changes; copying them for every unit would cost the tests their speed.
        rest = {name: deepcopy(value) for name, value in vars(self).items() if name != "registers"}
        return Memory(registers=dict(self.registers), **rest)


class FakeRegisters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def find(self, estate: str) -> Register | None:
        known = self._memory.registers.get(estate)
        return known[0] if known else None

    def estates(self) -> Sequence[Estate]:
        return [register.estate for _, (register, _) in sorted(self._memory.registers.items())]

    def member(self, member_id: str) -> Member | None:
        registers = [register for register, _ in self._memory.registers.values()]
        return next((r.members[member_id] for r in registers if member_id in r.members), None)

    def digest(self, estate: str) -> str | None:
        known = self._memory.registers.get(estate)
        return known[1] if known else None

    def store(self, register: Register, digest: str) -> None:
        self._memory.registers[register.estate.id] = (register, digest)


class FakeBatches:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def progress(self, outbox: str, stream: str) -> Progress | None:
        return deepcopy(self._memory.progress.get((outbox, stream)))

    def progress_of(self, estate: str) -> Sequence[Progress]:
        return [deepcopy(p) for p in self._memory.progress.values() if p.estate == estate]

    def save(self, progress: Progress) -> None:
        self._memory.progress[progress.outbox, progress.stream] = deepcopy(progress)

    def add(self, batch: BatchKey, at: datetime) -> bool:
        del at
        new = batch not in self._memory.batches
        self._memory.batches.add(batch)
        return new

    def keep(self, events: Sequence[StoredEvent]) -> None:
        self._memory.events += events

    def events(self, estate: str, *, limit: int = 100, equipment: str | None = None) -> Sequence[StoredEvent]:
        found = [
            event
            for event in self._memory.events
            if event.estate == estate and (equipment is None or event.body.get("equipment") == equipment)
        ]
        return sorted(found, key=lambda event: event.received_at, reverse=True)[:limit]

    def certain_before(self, outbox: str, seq: int) -> datetime | None:
        found = [e for e in self._memory.events if e.outbox == outbox and e.seq < seq and not e.uncertain]
        return max(found, key=lambda event: (event.seq, event.at)).at if found else None


class FakeAlerts:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def _copies(self, alerts: Sequence[Alert]) -> list[Alert]:
        return [deepcopy(alert) for alert in sorted(alerts, key=lambda alert: alert.id)]

    def concerning(self, fingerprint: Fingerprint, occurrence_id: str) -> Sequence[Alert]:
        same = [alert for alert in self._memory.alerts.values() if alert.fingerprint == fingerprint]
        return self._copies([alert for alert in same if alert.firing or occurrence_id in alert.occurrences])

    def firing(
        self, estate: str, *, hazards: Collection[str] | None = None, node_id: str | None = None
    ) -> Sequence[Alert]:
        return self._copies(
            [
                alert
                for alert in self._memory.alerts.values()
                if alert.firing
                and alert.fingerprint.estate == estate
                and (hazards is None or alert.fingerprint.hazard in hazards)
                and (node_id is None or alert.fires_for(node_id))
            ]
        )

    def raised_often(self, estate: str, since: datetime, more_than: int) -> Sequence[Raises]:
        raised = Counter[Fingerprint]()
        nodes: dict[Fingerprint, str] = {}
        for alert in self._memory.alerts.values():
            known = alert.fingerprint
            if (known.estate, known.mode) == (estate, "real"):
                raised[known] += sum(1 for o in alert.occurrences.values() if o.raised_at and o.raised_at >= since)
                nodes[known] = max(alert.node_id, nodes.get(known, ""))
        found = [Raises(k.hazard, k.equipment, nodes[k], count) for k, count in raised.items() if count > more_than]
        return sorted(found, key=lambda one: (one.equipment, one.hazard))

    def of_incidents(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[Alert]]:
        found: dict[str, list[Alert]] = {}
        for alert in self._copies([a for a in self._memory.alerts.values() if a.incident_id in incident_ids]):
            found.setdefault(alert.incident_id or "", []).append(alert)
        return found

    def save(self, alert: Alert) -> None:
        for other in self._memory.alerts.values():
            if other.id != alert.id and other.fingerprint == alert.fingerprint and other.firing and alert.firing:
                raise Conflict(f"two alerts fire under {alert.fingerprint}")
        self._memory.alerts[alert.id] = deepcopy(alert)


class FakeIncidents:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, incident_id: str) -> Incident | None:
        return deepcopy(self._memory.incidents.get(incident_id))

    def latest(self, estate: str, matter: str) -> Incident | None:
        found = [i for i in self._memory.incidents.values() if (i.estate, i.matter) == (estate, matter)]
        return deepcopy(max(found, key=lambda incident: incident.id, default=None))

    def among(self, incident_ids: Collection[str]) -> Mapping[str, Incident]:
        return {i: deepcopy(self._memory.incidents[i]) for i in incident_ids if i in self._memory.incidents}

    def hidden_by(self, incident_id: str) -> Sequence[Incident]:
        return [deepcopy(i) for i in self._memory.incidents.values() if i.hidden_by == incident_id]

    def save(self, incident: Incident) -> None:
        self._memory.incidents[incident.id] = deepcopy(incident)


class FakeTasks:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, task_id: str) -> Task | None:
        return deepcopy(self._memory.tasks.get(task_id))

    def of_incident(self, incident_id: str) -> Task | None:
        return deepcopy(next((t for t in self._memory.tasks.values() if t.incident_id == incident_id), None))

    def open(self, estate: str) -> Sequence[Task]:
        return [deepcopy(t) for _, t in sorted(self._memory.tasks.items()) if t.estate == estate and t.open]

    def closed(self, estate: str, *, limit: int = 50, before: tuple[datetime, str] | None = None) -> Sequence[Task]:
        over = [t for _, t in sorted(self._memory.tasks.items()) if t.estate == estate and t.closed_at and not t.open]
        if before is not None:
            at, last = before
            over = [t for t in over if t.closed_at and (t.closed_at < at or (t.closed_at == at and t.id > last))]
        return deepcopy(sorted(over, key=lambda t: t.closed_at, reverse=True)[:limit])

    def due(self, now: datetime, limit: int = 1) -> Sequence[Task]:
        due = [t for t in self._memory.tasks.values() if t.next_due is not None and t.next_due <= now]
        return deepcopy(sorted(due, key=lambda t: t.next_due)[:limit])

    def next_due_at(self) -> datetime | None:
        return min((t.next_due for t in self._memory.tasks.values() if t.next_due is not None), default=None)

    def save(self, task: Task) -> None:
        known = self._memory.tasks.get(task.id)
        if (known.revision if known else 0) != task.revision:
            raise Conflict(f"Task {task.id} was changed by somebody else meanwhile: reload it.")
        task.revision += 1
        self._memory.tasks[task.id] = deepcopy(task)


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

    def since(self, estate: str, seq: int, limit: int = 500) -> Sequence[Entry]:
        return [entry for entry in self._memory.ledger.get(estate, []) if entry.seq > seq][:limit]

    def of_incident(self, incident_id: str) -> Sequence[Entry]:
        return [e for entries in self._memory.ledger.values() for e in entries if e.incident_id == incident_id]

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Entry]:
        return [entry for entry in self._memory.ledger.get(estate, []) if start <= entry.at < end][:limit]


class FakeNodes:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, estate: str, node_id: str) -> Node | None:
        return deepcopy(self._memory.nodes.get((estate, node_id)))

    def of(self, estate: str) -> Sequence[Node]:
        return [deepcopy(node) for (of, _), node in sorted(self._memory.nodes.items()) if of == estate]

    def fallen_silent(self, now: datetime, limit: int = 20) -> Sequence[Node]:
        due = [node for node in self._memory.nodes.values() if node.silent_due_at and node.silent_due_at <= now]
        return deepcopy(sorted(due, key=lambda node: node.silent_due_at)[:limit])

    def save(self, node: Node) -> None:
        self._memory.nodes[node.estate, node.id] = deepcopy(node)


class FakeDeadLetters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, letter: DeadLetter) -> None:
        self._memory.letters[letter.id] = letter

    def latest(self, *, estates: Collection[str] | None = None, limit: int = 100) -> Sequence[DeadLetter]:
        letters = [x for _, x in sorted(self._memory.letters.items(), reverse=True)]
        return [x for x in letters if estates is None or x.estate in estates][:limit]

    def empty(self, before: datetime, limit: int) -> int:
        full = [x for x in self._memory.letters.values() if x.payload and x.received_at < before]
        some = sorted(full, key=lambda letter: letter.received_at)[:limit]
        self._memory.letters |= {letter.id: replace(letter, payload=b"") for letter in some}
        return len(some)

    def count(self, estate: str) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for letter in self._memory.letters.values():
            if letter.estate == estate and letter.node_id is not None:
                counts[letter.node_id] = counts.get(letter.node_id, 0) + 1
        return counts


class FakeNotes:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, note: Note) -> None:
        self._memory.notes[note.id] = note
        estate = self._memory.incidents[note.incident_id].estate
        self._memory.side.personal[note.id] = PersonalRecord(
            note.id, estate, f"member:{note.member_id}", PersonalClass.NOTE, note.at, note.text, note.salt,
            note.incident_id,
        )  # fmt: skip

    def of_incident(self, incident_id: str) -> Sequence[Note]:
        found = []
        for _, note in sorted(self._memory.notes.items()):
            if note.incident_id == incident_id:
                words = self._memory.side.personal[note.id]
                found.append(replace(note, text=words.text, salt=words.salt, erased_at=words.erased_at))
        return found


class FakeAccessKeys:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, key: AccessKey) -> None:
        self._memory.keys[key.hash] = key

    def find(self, hash_: str) -> AccessKey | None:
        return self._memory.keys.get(hash_)

    def of_member(self, member_id: str) -> Sequence[AccessKey]:
        found = [key for key in self._memory.keys.values() if key.member_id == member_id]
        return sorted(found, key=lambda key: key.created_at)

    def save(self, key: AccessKey) -> None:
        self._memory.keys[key.hash] = key


class FakeEnrolments:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def claim(self, claim_id: str) -> Claim | None:
        return self._memory.claims.get(claim_id)

    def open_claims(self, estate: str, node_id: str, now: datetime) -> Sequence[Claim]:
        claims = [c for c in self._memory.claims.values() if (c.estate, c.node_id) == (estate, node_id)]
        return [claim for claim in claims if claim.refusal(now) is None]

    def save_claim(self, claim: Claim) -> None:
        self._memory.claims[claim.id] = claim

    def credential(self, credential_id: str) -> Credential | None:
        return deepcopy(self._memory.credentials.get(credential_id))

    def of_node(self, estate: str, node_id: str) -> Sequence[Credential]:
        return [c for c in self.of_estates([estate]) if c.node_id == node_id]

    def of_estates(self, estates: Collection[str] | None = None) -> Sequence[Credential]:
        found = [c for c in self._memory.credentials.values() if estates is None or c.estate in estates]
        return deepcopy(sorted(found, key=lambda c: (c.estate, c.node_id, c.enrolled_at, c.id)))

    def speaking(self) -> Sequence[Credential]:
        found = [c for c in self._memory.credentials.values() if c.state is not CredentialState.REVOKED]
        return deepcopy(sorted(found, key=lambda c: c.id))

    def enrolled(self) -> Mapping[tuple[str, str], bool]:
        speaking = {(c.estate, c.node_id) for c in self.speaking()}
        return {(c.estate, c.node_id): (c.estate, c.node_id) in speaking for c in self._memory.credentials.values()}

    def revision(self) -> tuple[int, datetime | None]:
        changes = [c.changed_at for c in self._memory.credentials.values()]
        return len(changes), max(changes, default=None)

    def save(self, credential: Credential) -> None:
        self._memory.credentials[credential.id] = deepcopy(credential)

    def revoked(self, now: datetime) -> Sequence[Credential]:
        found = [one for one in self._memory.credentials.values() if one.state is CredentialState.REVOKED]
        return sorted((deepcopy(one) for one in found if one.expires_at > now), key=lambda one: one.id)

    def expiring(self, before: datetime, limit: int = 20) -> Sequence[Credential]:
        active = [c for c in self._memory.credentials.values() if c.state is CredentialState.ACTIVE]
        found = [c for c in active if c.expires_at <= before and c.warned is None]
        return deepcopy(sorted(found, key=lambda c: c.expires_at)[:limit])

    def drain(self, estate: str, node_id: str, outboxes: Collection[str]) -> None:
        del estate, node_id
        self._memory.drained |= set(outboxes)

    def undrain(self, outbox: str) -> None:
        self._memory.drained.discard(outbox)

    def is_drained(self, outbox: str) -> bool:
        return outbox in self._memory.drained

    def outboxes_of(self, estate: str, node_id: str) -> Sequence[str]:
        found = {p.outbox for p in self._memory.progress.values() if (p.estate, p.node_id) == (estate, node_id)}
        return sorted(found)


class FakeConfigurations:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, estate: str, node_id: str, version: int) -> Configuration | None:
        return deepcopy(self._memory.configurations.get((estate, node_id, version)))

    def latest(self, estate: str, node_id: str) -> Configuration | None:
        return next(iter(self.of(estate, node_id, limit=1)), None)

    def of(self, estate: str, node_id: str, limit: int = 100) -> Sequence[Configuration]:
        found = [one for key, one in self._memory.configurations.items() if key[:2] == (estate, node_id)]
        return deepcopy(sorted(found, key=lambda one: -one.version)[:limit])

    def untold(self) -> Sequence[Configuration]:
        nodes = {key[:2] for key in self._memory.configurations}
        newest = [self.latest(*node) for node in sorted(nodes)]
        return [one for one in newest if one is not None and one.told_at is None]

    def told(self, configuration: Configuration, at: datetime) -> None:
        for one in self._memory.configurations.values():
            same = (one.estate, one.node_id) == (configuration.estate, configuration.node_id)
            if same and one.version <= configuration.version and one.told_at is None:
                one.told_at = at

    def save(self, configuration: Configuration) -> None:
        key = (configuration.estate, configuration.node_id, configuration.version)
        self._memory.configurations[key] = deepcopy(configuration)


class FakeOrders:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, order_id: str) -> Order | None:
        return deepcopy(self._memory.orders.get(order_id))

    def of(self, estate: str, node_id: str, limit: int = 50) -> Sequence[Order]:
        found = [one for one in self._memory.orders.values() if (one.estate, one.node_id) == (estate, node_id)]
        return deepcopy(sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.at, reverse=True)[:limit])

    def untold(self, now: datetime) -> Sequence[Order]:
        found = [one for one in self._memory.orders.values() if one.told_at is None and one.expires_at > now]
        return deepcopy(sorted(found, key=lambda one: one.at))

    def told(self, order: Order, at: datetime) -> None:
        self._memory.orders[order.id].told_at = at

    def save(self, order: Order) -> None:
        self._memory.orders[order.id] = deepcopy(order)

    def forget(self, over_before: datetime, limit: int) -> int:
        over = sorted((one.expires_at, one.id) for one in self._memory.orders.values() if one.expires_at < over_before)
        for _, order_id in over[:limit]:
            del self._memory.orders[order_id]
        return len(over[:limit])


class FakeUnitOfWork:
    def __init__(self, owner: FakeUnitsOfWork) -> None:
        self._owner, self._memory = owner, owner.memory.copy()
        self.registers = FakeRegisters(self._memory)
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
        self.handovers = FakeHandovers(self._memory.handovers)
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
