"""Events and packs become numbered, sealed batches that fit into a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from edge.application.ports import Entries
from schemas.batch import Batch, ClockState, Stream, seal
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch, SequenceVoided
from schemas.hazards import hazard
from schemas.telemetry import TelemetryBatch
from schemas.topics import MAX_PAYLOAD_BYTES

_STAMP_BYTES = 256
"""What sending adds to a sealed batch, generously."""
_MAX_SEALED = MAX_PAYLOAD_BYTES - _STAMP_BYTES
ROW_BYTES = 160
"""What a row costs beside its payload: columns, two indexes, the share of half-empty pages."""
_EVENTS_A_BATCH = 25
"""At most about 2 KB an event."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sealed batch about to be stored."""

    stream: Stream
    seq: int
    boot: str
    sealed_mono: float
    records: int
    life_safety: bool
    payload: bytes

    @property
    def size(self) -> int:
        """Bytes taken in the store: the payload, and `ROW_BYTES` for the rest."""
        return len(self.payload) + ROW_BYTES


def event_drafts(events: Sequence[Event], entries: Entries, outbox: str, first_seq: int) -> Iterator[Draft]:
    """Batches of events, in order, numbered from `first_seq`."""
    for seq, start in enumerate(range(0, len(events), _EVENTS_A_BATCH), first_seq):
        chunk = list(events[start : start + _EVENTS_A_BATCH])
        batch = EventBatch(events=chunk, **_envelope(entries, outbox, seq))
        yield _draft(Stream.EVENTS, batch, len(chunk), life_safety=any(map(is_life_safety, chunk)))


def telemetry_drafts(pack: list[dict[str, Any]], entries: Entries, outbox: str, first_seq: int) -> Iterator[Draft]:
    """A pack as one batch; as several where long names would make it too large for a message."""
    seq = first_seq
    waiting = [pack]
    while waiting:
        part = waiting.pop(0)
        draft = _draft(
            Stream.TELEMETRY,
            TelemetryBatch(pack=part, **_envelope(entries, outbox, seq) | {"clock": _clock_of(pack)}),
            len(part),
            life_safety=False,
        )
        if len(draft.payload) <= _MAX_SEALED or len(part) == 1:
            seq += 1
            yield draft
        else:
            half = len(part) // 2
            waiting[:0] = [part[:half], _rebased(part, half)]


def void_of(draft: Draft, mono: float, reason: str) -> SequenceVoided:
    """The statement that one number was given to something that is not kept."""
    return SequenceVoided(
        mono=mono, stream=draft.stream, first=draft.seq, last=draft.seq, records=draft.records, reason=reason
    )


def is_life_safety(event: Event) -> bool:
    """Whether an event is the raise or clear of a life-safety hazard: never dropped for room, and sent before others."""
    return isinstance(event, AlarmRaised | AlarmCleared) and hazard(event.hazard).life_safety


def _envelope(entries: Entries, outbox: str, seq: int) -> dict[str, Any]:
    return {
        "outbox": outbox,
        "boot": entries.boot,
        "seq": seq,
        "sealed_mono": round(entries.mono, 3),
        "clock": entries.clock,
    }


def _draft(stream: Stream, batch: Batch, records: int, *, life_safety: bool) -> Draft:
    return Draft(stream, batch.seq, batch.boot, batch.sealed_mono, records, life_safety, seal(batch))


def _clock_of(pack: list[dict[str, Any]]) -> ClockState:
    """What the clock was when the readings were taken: without a time on them, the batch must not claim to know it."""
    return ClockState.SYNCHRONISED if "bt" in pack[0] else ClockState.UNSYNCHRONISED


def _rebased(pack: list[dict[str, Any]], start: int) -> list[dict[str, Any]]:
    """The tail of a pack, with the base fields in force there said again (RFC 8428, 4.1)."""
    bases: dict[str, Any] = {}
    for record in pack[: start + 1]:
        bases |= {label: record[label] for label in ("bn", "bt") if label in record}
    return [bases | pack[start], *pack[start + 1 :]]
