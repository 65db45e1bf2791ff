"""A dead letter once more: read by the program as it is now, and taken by the same use cases, each letter exactly once.

What was refused was acknowledged, so its number is spoken for. A letter therefore enters under an outbox of its own, made from
its id: taken twice it is a repeat that changes nothing, and no count of the node's own outbox is disturbed.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid5

from pydantic import TypeAdapter, ValidationError

from cloud.application.estates.sign_in import Identity
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_telemetry import BatchArrived, BootTimed
from cloud.application.intake.replays import KeepReplays
from cloud.application.ports import Clock
from cloud.application.records import DeadLetter
from cloud.application.timeseries import to_micros
from cloud.domain.community.faults import Fault, joined, under
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Unusable, decode
from cloud.entrypoints.ingest.importing import Telemetry
from cloud.errors import Refused
from schemas.batch import Batch, ClockState, Stream, digest
from schemas.events import Event, EventBatch, SequenceVoided
from schemas.telemetry import TelemetryBatch
from schemas.topics import NodeAddress

_EVENT: Final[TypeAdapter[Any]] = TypeAdapter(Event)
_SPACE: Final = UUID("6b1f2b52-5f0c-4d0e-9a55-2f1d3c7a9e10")
"""Ours alone, so that no outbox of a node can be one of these."""


class ReplayLetter:
    """What it says is old news: it pages nobody unless its alarm still stands (wire.md, Late data)."""

    def __init__(
        self, kept: KeepReplays, telemetry: Telemetry, events: RecordEvents, boots: BootTimed, clock: Clock
    ) -> None:
        self._kept, self._telemetry, self._events, self._boots, self._clock = kept, telemetry, events, boots, clock

    def __call__(self, letter_id: str, identity: Identity) -> None:
        """Raises NotFound, Conflict where it was taken already, Refused where it still cannot be, Unavailable and
        ReadingsUnavailable. A death in between leaves it to be tried again, and nothing is stored twice.
        """
        letter = self._kept.letter(letter_id, identity)
        decoded = _decoded(letter)
        message = decoded.message
        if isinstance(message, TelemetryBatch):
            own = message.model_copy(update={"outbox": _outbox(letter), "seq": 1})
            arrived = BatchArrived(
                decoded.address, own, digest(letter.payload), letter.topic, letter.payload, letter.received_at
            )
            (recorded,) = self._telemetry([arrived], self._clock.now())
            if recorded.whole:
                raise _still(Fault("none of its records can be stored", "其中没有可以存储的记录"))
        else:
            assert isinstance(message, Batch)
            self._take_events(letter, decoded, message)
        self._kept.taken(letter, identity)

    def _take_events(self, letter: DeadLetter, decoded: Decoded, message: Batch) -> None:
        if message.clock is not ClockState.SYNCHRONISED:
            # Its boot is dated by when it came, not by when somebody read it.
            self._boots(decoded.address, message, to_micros(letter.received_at))
        # Without the stamp of its sending: it is as old as it is, not as it was then.
        own = message.model_copy(
            update={"outbox": _outbox(letter), "seq": 1, "sent_mono": None, "sent_boot": None, "backlog": True}
        )
        now = self._clock.now()
        arrival = EventArrival(decoded.address, own, digest(letter.payload), now, decoded.refused, archived=True)
        self._events(arrival)
        for _, fact in arrival.events:
            if isinstance(fact, SequenceVoided) and fact.stream is Stream.TELEMETRY:
                self._telemetry.void(decoded.address, message.outbox, fact, now)


def _outbox(letter: DeadLetter) -> str:
    return str(uuid5(_SPACE, letter.id))


def _decoded(letter: DeadLetter) -> Decoded:
    """Raises Refused."""
    arrival = Arrival(letter.topic, letter.payload, letter.received_at)
    decoded = decode(arrival)
    if isinstance(decoded, Decoded) and not (decoded.refused and type(decoded.message) is Batch):
        return decoded
    alone = _alone(letter)
    if alone is not None:
        return Decoded(arrival, NodeAddress(letter.estate or "", letter.node_id or ""), alone)
    if isinstance(decoded, Unusable):
        raise _still(decoded.refused.reason)
    raise _still(joined([record.reason for record in decoded.refused[:3]]))


def _alone(letter: DeadLetter) -> EventBatch | None:
    """A single event that was laid aside from its batch, as a batch of its own; its boot is not known any more."""
    try:
        event = _EVENT.validate_json(letter.payload)
    except ValidationError:
        return None
    boot = str(uuid5(_SPACE, f"{letter.id}/boot"))
    clock = ClockState.UNSYNCHRONISED if event.t is None else ClockState.SYNCHRONISED
    return EventBatch(outbox=_outbox(letter), boot=boot, seq=1, sealed_mono=event.mono, clock=clock, events=[event])


def _still(why: str) -> Refused:
    told = under(why, "It still cannot be taken: ", "仍无法收下：")
    return Refused(str(told), told.zh)
