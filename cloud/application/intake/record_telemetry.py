"""Make a group of telemetry batches durable at once, each exactly once, whatever is wrong with single records of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from cloud.application.intake.boot_times import micros
from cloud.application.intake.dead_letters import Refused
from cloud.application.intake.plain_packs import NotPlain, PlainPacks
from cloud.application.intake.reading_time import AHEAD_US, age_s, samples
from cloud.application.timeseries import Origin, Outcome, RawSample, StoredBatch, TelemetryStore, to_micros
from cloud.domain.community.faults import fault, joined
from cloud.domain.fleet.boot_time import BootTime
from schemas.batch import Batch, ClockState, Stream
from schemas.events import SequenceVoided
from schemas.senml import SenmlError
from schemas.telemetry import TelemetryBatch, readings
from schemas.topics import Channel, NodeAddress

LATE_S: Final = 60.0
"""Age from which a batch counts as late. It only counts; late readings are stored like any other."""

LONGEST_POINT: Final = 160
"""96 characters of equipment, a stroke, 63 of point (schemas/base.py)."""

MOST_RECORDS_DROPPED: Final = 16
"""Bad records taken out of a batch one by one; one that has more is refused whole. Bounds the work a hostile node makes."""


class BatchArrived(NamedTuple):
    """A batch that satisfies its schema. `digest`: schemas.batch.digest of the payload."""

    address: NodeAddress
    batch: TelemetryBatch
    digest: bytes
    topic: str
    payload: bytes
    received_at: datetime


class BatchUnreadable(NamedTuple):
    """A batch of which only the envelope can be read; it stands in the dead letters already."""

    address: NodeAddress
    outbox: str
    seq: int
    digest: bytes


class Recorded(NamedTuple):
    """One batch is durable, or refused for good, and is to be acknowledged. `refused`: records in the dead letters."""

    address: NodeAddress
    outbox: str
    seq: int
    outcome: Outcome
    readings: int
    refused: int
    whole: bool
    """Whether nothing at all could be kept of it."""
    digest: bytes


Letters = Callable[[Refused], object]
"""Keeps durably what can never be taken. Raises cloud.errors.Unavailable."""

Conflicts = Callable[[NodeAddress, str, Stream, int, datetime], None]
"""Reports (node, outbox, stream, seq, now) of a number under which something else was stored. Raises Unavailable."""


BootTimed = Callable[[NodeAddress, Batch, int], BootTime]
"""The durable offset of a batch's boot by (node, batch, arrival in microseconds). Raises Unavailable."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    stored: StoredBatch
    whole: bool


class RecordTelemetry:
    """Used from one thread, as its store is."""

    def __init__(self, store: TelemetryStore, letters: Letters, conflicts: Conflicts, boots: BootTimed) -> None:
        self._store = store
        self._letters = letters
        self._conflicts = conflicts
        self._boots = boots
        self._plain = PlainPacks()

    def __call__(self, group: Sequence[BatchArrived | BatchUnreadable], now: datetime) -> list[Recorded]:
        """Everything in `group` is durable when this returns; nothing of it may be acknowledged when it raises.

        Raises cloud.errors.ReadingsUnavailable and Unavailable when trying again may help.
        """
        prepared = [self._prepare(item) for item in group]
        outcomes = self._store.record([one.stored for one in prepared], to_micros(now))
        recorded: list[Recorded] = []
        for item, one, outcome in zip(group, prepared, outcomes, strict=True):
            stored = one.stored
            if outcome is Outcome.CONFLICT:
                self._conflicts(item.address, stored.origin.outbox, Stream.TELEMETRY, stored.seq, now)
            recorded.append(
                Recorded(
                    item.address,
                    stored.origin.outbox,
                    stored.seq,
                    outcome,
                    len(stored.samples),
                    stored.refused,
                    one.whole,
                    item.digest,
                )
            )
        return recorded

    def void(self, address: NodeAddress, outbox: str, voided: SequenceVoided, now: datetime) -> None:
        """The node says that these numbers will never come, and why."""
        origin = Origin(address.estate, address.node, outbox)
        self._store.void(origin, voided.first, max(voided.first, voided.last), voided.reason, to_micros(now))

    def _prepare(self, item: BatchArrived | BatchUnreadable) -> _Prepared:
        if isinstance(item, BatchUnreadable):
            origin = Origin(item.address.estate, item.address.node, item.outbox)
            return _Prepared(StoredBatch(origin, item.seq, item.digest, (), refused=1), whole=True)
        batch = item.batch
        origin = Origin(item.address.estate, item.address.node, batch.outbox)
        try:
            kept, refusals = self._plainly(item), list[str]()
        except NotPlain:
            kept, refusals = self._resolved(item)
        if refusals:
            self._letters(
                Refused(item.topic, item.payload, joined(refusals), item.received_at, item.address, Channel.TELEMETRY)
            )
        age = age_s(batch)
        late = age is None or age > LATE_S
        refused = len(refusals) if kept else len(batch.pack)
        return _Prepared(StoredBatch(origin, batch.seq, item.digest, kept, refused, late), whole=not kept)

    def _offset(self, item: BatchArrived) -> int:
        """Microseconds to add to the monotonic time of a batch whose wall clock is not believed."""
        arrived = to_micros(item.received_at)
        return self._boots(item.address, item.batch, arrived).offset_for(micros(item.batch.sealed_mono), arrived)

    def _plainly(self, item: BatchArrived) -> list[RawSample]:
        offset = None if item.batch.clock is ClockState.SYNCHRONISED else self._offset(item)
        horizon = to_micros(item.received_at) + AHEAD_US
        return self._plain.samples(item.batch.pack, offset=offset, horizon=horizon)

    def _resolved(self, item: BatchArrived) -> tuple[list[RawSample], list[str]]:
        """What can be kept of a batch, and why the rest cannot. One bad record costs itself, not its neighbours."""
        batch, refusals = item.batch, list[str]()
        arrived = to_micros(item.received_at)
        horizon = arrived + AHEAD_US
        places = list(range(len(batch.pack)))
        while True:
            try:
                found = readings(batch, arrived / 1e6)
            except SenmlError as error:
                refusals.append(fault("record-against-senml", index=places[error.record], breach=error.reason))
                rest = _without(batch.pack, error.record)
                if rest is None or len(refusals) > MOST_RECORDS_DROPPED:
                    return [], [*refusals, fault("batch-refused")]
                del places[error.record]
                batch = batch.model_copy(update={"pack": rest})
                continue
            believed = batch.clock is ClockState.SYNCHRONISED
            ahead = believed and any(reading.time is None or micros(reading.time) > horizon for reading in found)
            kept = samples(found, arrived, believed=believed, offset=self._offset(item) if ahead or not believed else 0)
            if any(len(sample[0]) > LONGEST_POINT for sample in kept):
                refusals += [fault("point-name-too-long", length=len(s[0])) for s in kept if len(s[0]) > LONGEST_POINT]
                kept = [sample for sample in kept if len(sample[0]) <= LONGEST_POINT]
            return kept, refusals if kept or refusals else [fault("no-record-with-value")]


def _without(pack: list[dict[str, Any]], index: int) -> list[dict[str, Any]] | None:
    """The pack without one record; None where others stand on it (a base field, RFC 8428, 4.1) or none would be left."""
    if len(pack) == 1 or any(label.startswith("b") for label in pack[index]):
        return None
    return [*pack[:index], *pack[index + 1 :]]
