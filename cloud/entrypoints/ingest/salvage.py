"""What of a batch of events can be read although some of its records cannot: one bad record costs itself."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from cloud.application.intake.dead_letters import RefusedEvent, grave
from cloud.entrypoints.ingest.reasons import event_reason
from schemas.batch import MAX_RECORDS, Batch
from schemas.events import Event, EventBatch

_EVENT: Final[TypeAdapter[Any]] = TypeAdapter(Event)


class Salvaged(NamedTuple):
    """`batch` holds the readable events in order; an envelope without any where none can be read."""

    batch: Batch
    refused: tuple[RefusedEvent, ...]


def salvage(payload: bytes) -> Salvaged | None:
    """None where the envelope itself cannot be read. `payload` is a batch of events that does not satisfy the schema."""
    try:
        envelope = Batch.model_validate_json(payload)
        records = from_json(payload).get("events")
    except (ValidationError, ValueError):
        return None
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_RECORDS:
        return None
    read: list[Any] = []
    refused: list[RefusedEvent] = []
    for index, record in enumerate(records):
        raw = to_json(record, inf_nan_mode="constants")
        try:
            read.append(_EVENT.validate_json(raw))
        except ValidationError as error:
            refused.append(RefusedEvent(index, event_reason(index, error), raw, grave(raw)))
    batch = EventBatch(**{**dict(envelope), "events": read}) if read else envelope
    return Salvaged(batch, tuple(refused))
