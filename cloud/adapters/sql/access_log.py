"""Access events as far as they concern persons: which mark of a card they bear, and what is counted of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import add_up
from cloud.domain.records.privacy import AccessCount, Privacy, day_of, unnamed

_KEY: Final = (t.events.c.outbox, t.events.c.seq, t.events.c.digest, t.events.c.index)
_THIS: Final = tuple(column == bindparam(f"of_{column.name}") for column in _KEY)
_UNNAME: Final = update(t.events).where(*_THIS).values(body=bindparam("rest"), privacy=Privacy.PSEUDONYMOUS.value)
_FORGET: Final = delete(t.events).where(*_THIS)


class SqlAccessLog:
    """Implements `access_ports.AccessLog`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unname(self, before: datetime, limit: int) -> int:
        rows = self._past(Privacy.IDENTIFIED, before, limit)
        if rows:
            rest = [
                {**_key(row), "rest": json.dumps(unnamed(json.loads(row.body)), ensure_ascii=False)} for row in rows
            ]
            self._connection.execute(_UNNAME, rest)
        return len(rows)

    def fold(self, before: datetime, limit: int) -> int:
        rows = self._past(Privacy.PSEUDONYMOUS, before, limit)
        if rows:
            counts = Counter((row.estate, row.equipment or "", day_of(row.at), row.kind) for row in rows)
            names = ("estate", "equipment", "day", "kind")
            add_up(
                self._connection,
                t.access_counts,
                [{**dict(zip(names, key, strict=True)), "count": count} for key, count in counts.items()],
                column="count",
            )
            self._connection.execute(_FORGET, [_key(row) for row in rows])
        return len(rows)

    def counts(self, estate: str) -> Sequence[AccessCount]:
        table = t.access_counts
        query = select(table).where(table.c.estate == estate).order_by(table.c.day, table.c.equipment, table.c.kind)
        return [
            AccessCount(row.equipment, row.day, row.kind, row._mapping["count"])  # noqa: SLF001 - also a method of tuples
            for row in self._connection.execute(query)
        ]

    def _past(self, privacy: Privacy, before: datetime, limit: int) -> Sequence[Row[Any]]:
        events = t.events
        # As old as it says and as long here: what a node says whose clock lies years back is not forgotten on arrival.
        old = (events.c.at < before, events.c.received_at < before)
        query = select(events).where(events.c.privacy == privacy.value, *old)
        # Of several workers on PostgreSQL each takes its own.
        query = query.order_by(events.c.at).limit(limit).with_for_update(skip_locked=True)
        return self._connection.execute(query).all()


def _key(row: Row[Any]) -> dict[str, Any]:
    return {f"of_{column.name}": row._mapping[column.name] for column in _KEY}  # noqa: SLF001 - `index` is also a method
