"""Numbered batches of events: which are stored, what was in them, what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import insert_new, upsert
from cloud.application.records import BatchKey, StoredEvent
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.records.privacy import privacy_of

_PROGRESS: Final = select(t.progress).where(
    t.progress.c.outbox == bindparam("outbox"), t.progress.c.stream == bindparam("stream")
)
_INSERT_EVENTS: Final = insert(t.events)


class SqlBatches:
    """Implements `fleet_ports.Batches`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def progress(self, outbox: str, stream: str) -> Progress | None:
        row = self._connection.execute(_PROGRESS, {"outbox": outbox, "stream": stream}).one_or_none()
        return _progress(row) if row else None

    def progress_of(self, estate: str) -> Sequence[Progress]:
        query = select(t.progress).where(t.progress.c.estate == estate)
        return [_progress(row) for row in self._connection.execute(query)]

    def save(self, progress: Progress) -> None:
        row = {
            "outbox": progress.outbox,
            "stream": progress.stream,
            "estate": progress.estate,
            "node_id": progress.node_id,
            "stored": json.dumps(list(progress.stored)),
            "voided": json.dumps(list(progress.voided)),
            "records": progress.records,
            "duplicates": progress.duplicates,
            "late": progress.late,
            "conflicts": progress.conflicts,
            "void_records": progress.void_records,
        }
        upsert(self._connection, t.progress, [row])

    def add(self, batch: BatchKey, at: datetime) -> bool:
        row = {
            "outbox": batch.outbox,
            "stream": batch.stream,
            "seq": batch.seq,
            "digest": batch.digest,
            "stored_at": at,
        }
        return insert_new(self._connection, t.batches, row)

    def keep(self, events: Sequence[StoredEvent]) -> None:
        if events:
            self._connection.execute(_INSERT_EVENTS, [_event_row(event) for event in events])

    def events(self, estate: str, *, limit: int = 100, equipment: str | None = None) -> Sequence[StoredEvent]:
        query = select(t.events).where(t.events.c.estate == estate)
        if equipment is not None:
            query = query.where(t.events.c.equipment == equipment)
        rows = self._connection.execute(query.order_by(t.events.c.received_at.desc()).limit(limit))
        return [_event(row) for row in rows]

    def certain_before(self, outbox: str, seq: int) -> datetime | None:
        query = select(t.events.c.at).where(
            t.events.c.outbox == outbox, t.events.c.seq < seq, t.events.c.uncertain.is_(False)
        )
        return self._connection.execute(query.order_by(t.events.c.seq.desc(), t.events.c.at.desc()).limit(1)).scalar()


def _progress(row: Row[Any]) -> Progress:
    return Progress(
        estate=row.estate,
        node_id=row.node_id,
        outbox=row.outbox,
        stream=row.stream,
        stored=Ranges((first, last) for first, last in json.loads(row.stored)),
        voided=Ranges((first, last) for first, last in json.loads(row.voided)),
        records=row.records,
        duplicates=row.duplicates,
        late=row.late,
        conflicts=row.conflicts,
        void_records=row.void_records,
    )


def _event_row(event: StoredEvent) -> dict[str, Any]:
    return {
        "estate": event.estate,
        "node_id": event.node_id,
        "outbox": event.outbox,
        "seq": event.seq,
        "digest": event.digest,
        "index": event.index,
        "kind": event.kind,
        "equipment": event.body.get("equipment"),
        "at": event.at,
        "received_at": event.received_at,
        "uncertain": event.uncertain,
        "body": json.dumps(event.body, ensure_ascii=False),
        "privacy": privacy.value if (privacy := privacy_of(event.kind, event.body)) else None,
    }


def _event(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        estate=row.estate,
        node_id=row.node_id,
        outbox=row.outbox,
        seq=row.seq,
        digest=row.digest,
        index=row._mapping["index"],  # noqa: SLF001 - SQLAlchemy's documented name; `index` is also a method of tuples
        kind=row.kind,
        at=row.at,
        received_at=row.received_at,
        uncertain=row.uncertain,
        body=json.loads(row.body),
    )
