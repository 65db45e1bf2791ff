"""A batch of events from a node, and all that follows from it, made durable in one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.incidents.sightings import Clearing, Sighting
from cloud.application.intake.boot_times import decide, learn
from cloud.application.intake.dead_letters import RefusedEvent, grave, lay_aside, of_event
from cloud.application.intake.event_time import LONGEST_RUN_S, When, latest_told, when
from cloud.application.intake.foreign_equipment import may_clear, owner_of, tell_operator
from cloud.application.intake.old_board import recognise
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import BatchKey, StoredEvent
from cloud.application.strangers import EstateNotLoaded
from cloud.application.timeseries import to_micros
from cloud.domain.community.faults import fault
from cloud.domain.duties.register import Register
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.fleet.progress import Progress
from cloud.domain.incidents.alert import Fingerprint
from cloud.errors import Unavailable
from schemas.batch import Batch, ClockState, Stream
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch, SequenceVoided
from schemas.topics import NodeAddress


@dataclass(frozen=True, slots=True)
class EventArrival:
    """A batch as it came in. `digest`: 32 bytes of its sealed part (`schemas.batch.digest`); `refused`: records of it
    that cannot be taken, so that `batch` holds the others, or is a bare envelope where there are none.
    """

    address: NodeAddress
    batch: Batch
    digest: bytes
    received_at: datetime
    refused: tuple[RefusedEvent, ...] = ()
    archived: bool = False
    """From a card that somebody read out: old news, whose age nobody knows."""

    @property
    def events(self) -> Sequence[tuple[int, Event]]:
        """The events with their place in the batch as it was sent, which is part of their identity."""
        events = self.batch.events if isinstance(self.batch, EventBatch) else ()
        bad = {record.index for record in self.refused}
        places = (index for index in count() if index not in bad)
        return list(zip(places, events, strict=False))


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it; after this the batch may be acknowledged. `tasks`: those opened or touched; `seq`: the ledger's."""

    duplicate: bool = False
    conflict: bool = False
    tasks: Sequence[str] = ()
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class _Taking:
    """A batch being taken. `drained`: it comes from a board that was replaced."""

    uow: UnitOfWork
    register: Register
    arrival: EventArrival
    consequences: Consequences
    drained: bool


class RecordEvents:
    """Insert the batch if new → alert → incident → duty → task → ledger → notifications → commit.

    A repeat changes nothing but its count. Other bytes under a known number are stored as well and raise
    `node.identity-conflict`. Raises EstateNotLoaded (a dead letter) and Unavailable when nothing was
    stored and nothing may be acknowledged.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, arrival: EventArrival) -> Recorded:
        with self._units.writing() as uow:
            register = uow.registers.find(arrival.address.estate)
            if register is None:
                raise EstateNotLoaded(arrival.address.estate)
            uow.ledger.hold(arrival.address.estate)
            return self._record(uow, register, arrival)

    def without_faults(self, arrival: EventArrival) -> EventArrival | None:
        """The arrival with the events set apart on which the program fails when it takes them alone; None where there
        are none. Changes nothing. Raises as a recording does.
        """
        faults = [
            RefusedEvent(index, of_event(index, fault("handling-failed", error=failure)), raw, grave(raw))
            for index, event in arrival.events
            if (failure := self._failure(arrival, event)) is not None
            for raw in (event.model_dump_json(exclude_none=True).encode(),)
        ]
        if not faults:
            return None
        bad = {fault.index for fault in faults}
        kept = [event for index, event in arrival.events if index not in bad]
        envelope = {name: getattr(arrival.batch, name) for name in Batch.model_fields}
        batch = EventBatch(**envelope, events=kept) if kept else Batch(**envelope)
        refused = sorted((*arrival.refused, *faults), key=lambda record: record.index)
        return replace(arrival, batch=batch, refused=tuple(refused))

    def _failure(self, arrival: EventArrival, event: Event) -> str | None:
        """What goes wrong when this event is taken alone, in a unit of work that is never committed."""
        batch = arrival.batch.model_copy(update={"events": [event]})
        alone = replace(arrival, batch=batch, refused=())
        key = BatchKey(batch.outbox, Stream.EVENTS.value, batch.seq, arrival.digest.hex())
        try:
            with self._units.writing() as uow:
                register = uow.registers.find(arrival.address.estate)
                if register is not None:
                    consequences = Consequences(uow, register, self._ids, self._clock.now())
                    self._take_all(uow, register, alone, key, consequences=consequences)
                    consequences.settle()
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - named in the dead letter; its neighbours must not suffer for it
            return f"{type(error).__name__}: {error}"
        return None

    def _record(self, uow: UnitOfWork, register: Register, arrival: EventArrival) -> Recorded:
        batch, now = arrival.batch, self._clock.now()
        key = BatchKey(batch.outbox, Stream.EVENTS.value, batch.seq, arrival.digest.hex())
        progress = _progress(uow, arrival.address, batch.outbox, Stream.EVENTS)
        first, conflict = not progress.stored, batch.seq in progress.stored
        if not uow.batches.add(key, now):
            progress.duplicates += 1
            uow.batches.save(progress)
            uow.commit()
            return Recorded(duplicate=True)
        progress.stored.add(batch.seq)
        progress.records += len(arrival.events)
        progress.conflicts += conflict
        progress.late += batch.backlog
        uow.batches.save(progress)
        consequences = Consequences(uow, register, self._ids, now, f"node:{arrival.address.node}")
        self._take_all(uow, register, arrival, key, consequences=consequences, first=first)
        if arrival.refused:
            self._lay_aside(uow, arrival, consequences, now)
        if conflict:
            _report_conflict(arrival, key, consequences, now)
        entry = consequences.settle()
        uow.commit()
        return Recorded(
            conflict=conflict, tasks=tuple(dict.fromkeys(consequences.tasks)), seq=entry.seq if entry else None
        )

    def _lay_aside(self, uow: UnitOfWork, arrival: EventArrival, consequences: Consequences, now: datetime) -> None:
        pages = not uow.enrolments.is_drained(arrival.batch.outbox)
        lay_aside(
            uow,
            self._ids,
            consequences if pages else None,
            arrival.address,
            arrival.refused,
            received_at=arrival.received_at,
            now=now,
        )

    def _take_all(
        self,
        uow: UnitOfWork,
        register: Register,
        arrival: EventArrival,
        key: BatchKey,
        *,
        consequences: Consequences,
        first: bool = False,
    ) -> None:
        """`first`: nothing of this outbox was ever stored before."""
        boot = _boot_of(uow, arrival)
        told = [(index, event, _moment(event, arrival, boot)) for index, event in arrival.events]
        drained = uow.enrolments.is_drained(key.outbox) or (
            first
            and recognise(uow, arrival.address, key.outbox, (moment.at for *_, moment in told if not moment.uncertain))
        )
        taking = _Taking(uow, register, arrival, consequences, drained=drained)
        kept: list[StoredEvent] = []
        for index, event, moment in told:
            kept.append(_stored(arrival, key, index, event, moment))
            cause = f"{key.outbox}:{key.seq}:{index}"
            if isinstance(event, AlarmRaised | AlarmCleared):
                self._take_alarm(taking, event, moment, cause)
            elif isinstance(event, SequenceVoided):
                _void(uow, arrival, event)
        uow.batches.keep(kept)

    def _take_alarm(self, taking: _Taking, event: AlarmRaised | AlarmCleared, moment: When, cause: str) -> None:
        uow, arrival, consequences = taking.uow, taking.arrival, taking.consequences
        owner = owner_of(taking.register, event.equipment, arrival.address.node)
        if owner is not None:
            tell_operator(uow, arrival.address, event, owner, ids=self._ids, now=self._clock.now())
        if isinstance(event, AlarmRaised):
            sighting = _sighting(arrival, event, moment, cause, drained=taking.drained)
            consequences.raised(sighting)
            if taking.drained:
                # The board that could tell of its end is gone: it stands in the history, dated, and is over.
                consequences.cleared(gone(sighting, moment.at, cause))
        elif owner is None or may_clear(uow, arrival.address, event):
            consequences.cleared(_clearing(arrival, event, moment, cause))


def _moment(event: Event, arrival: EventArrival, boot: BootTime | None) -> When:
    moment = when(event, arrival.batch, arrival.received_at, boot)
    old_news = arrival.archived and moment.age is None
    return replace(moment, age=timedelta(seconds=LONGEST_RUN_S)) if old_news else moment


def _boot_of(uow: UnitOfWork, arrival: EventArrival) -> BootTime | None:
    """When the batch's boot began, where its wall clock does not tell; else what it tells is kept for its boot."""
    address, batch, received_at = arrival.address, arrival.batch, arrival.received_at
    events = [event for _, event in arrival.events]
    if not events:
        return None
    told = [event for event in events if event.t is not None and event.t <= latest_told(received_at)]
    if batch.clock is ClockState.SYNCHRONISED and len(told) == len(events):
        learn(uow.boots, address, batch.boot, t=told[0].t, mono=told[0].mono, received_at=received_at)
        return None
    return decide(uow, address, batch, to_micros(received_at))


def _progress(uow: UnitOfWork, address: NodeAddress, outbox: str, stream: Stream) -> Progress:
    known = uow.batches.progress(outbox, stream.value)
    return known or Progress(address.estate, address.node, outbox, stream.value)


def _void(uow: UnitOfWork, arrival: EventArrival, event: SequenceVoided) -> None:
    progress = _progress(uow, arrival.address, arrival.batch.outbox, event.stream)
    progress.voided.add(event.first, max(event.first, event.last))
    progress.void_records += event.records
    uow.batches.save(progress)


def _stored(arrival: EventArrival, key: BatchKey, index: int, event: Event, moment: When) -> StoredEvent:
    return StoredEvent(
        estate=arrival.address.estate,
        node_id=arrival.address.node,
        outbox=key.outbox,
        seq=key.seq,
        digest=key.digest,
        index=index,
        kind=event.kind,
        at=moment.at,
        received_at=arrival.received_at,
        uncertain=moment.uncertain,
        body=event.model_dump(mode="json", exclude_none=True),
    )


def _sighting(
    arrival: EventArrival, event: AlarmRaised, moment: When, cause: str, *, drained: bool = False
) -> Sighting:
    return Sighting(
        fingerprint=Fingerprint(arrival.address.estate, event.hazard, event.equipment, event.mode),
        node_id=arrival.address.node,
        occurrence=event.occurrence,
        severity=event.severity,
        at=moment.at,
        cause=cause,
        age=moment.age,
        boot=arrival.batch.boot,
        point=event.point,
        value=None if event.value is None else str(event.value),
        threshold=event.threshold,
        drained=drained,
    )


def _clearing(arrival: EventArrival, event: AlarmCleared, moment: When, cause: str) -> Clearing:
    fingerprint = Fingerprint(arrival.address.estate, event.hazard, event.equipment, event.mode)
    return Clearing(fingerprint, arrival.address.node, event.occurrence, moment.at, cause)


def _report_conflict(arrival: EventArrival, key: BatchKey, consequences: Consequences, now: datetime) -> None:
    cause = f"{key.outbox}:{key.seq}"
    sighting = noticed(
        arrival.address.estate,
        arrival.address.node,
        "node.identity-conflict",
        occurrence=f"conflict:{cause}:{key.digest}",
        at=now,
        cause=cause,
    )
    consequences.raised(sighting)
    consequences.cleared(gone(sighting, now, cause))
