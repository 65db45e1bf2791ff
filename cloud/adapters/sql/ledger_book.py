"""The ledger as a table: appended to under the estate's lock, never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from cloud.adapters.sql import tables as t
from cloud.domain.records.ledger import Draft, Entry, Head
from cloud.domain.records.ledger_chain import chain

_HEAD: Final = (
    select(t.ledger.c.seq, t.ledger.c.hash)
    .where(t.ledger.c.estate == bindparam("estate"))
    .order_by(t.ledger.c.seq.desc())
    .limit(1)
)
_LAST: Final = select(func.max(t.ledger.c.seq)).where(t.ledger.c.estate == t.estates.c.id).scalar_subquery()
_REACHED: Final = select(t.estates.c.id, _LAST.label("seq")).where(
    t.estates.c.id.in_(bindparam("estates", expanding=True))
)
"""One look into the index for each estate; grouped, the whole ledger would be read."""
_LOCK: Final = select(t.estates.c.id).where(t.estates.c.id == bindparam("estate")).with_for_update()
_INSERT_LEDGER: Final = insert(t.ledger)


class SqlLedger:
    """Implements `ports.LedgerBook`. `appended` are the estates that gained entries, with their new heads;
    `entries` what they gained.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.appended: dict[str, int] = {}
        self.entries: list[Entry] = []
        self.held: set[str] = set()
        """Estates whose lock this transaction has; none any more once it is committed."""

    def hold(self, estate: str) -> None:
        if self._connection.dialect.name != "sqlite" and estate not in self.held:
            # Commit order is the order of this lock; SQLite has one writer anyway.
            self._connection.execute(_LOCK, {"estate": estate})
            self.held.add(estate)

    def append(self, estate: str, drafts: Sequence[Draft]) -> Sequence[Entry]:
        self.hold(estate)
        entries = chain(estate, self.head(estate), drafts)
        if entries:
            self._connection.execute(_INSERT_LEDGER, [_row(entry) for entry in entries])
            self.appended[estate] = entries[-1].seq
            self.entries += entries
        return entries

    def head(self, estate: str) -> Head:
        row = self._connection.execute(_HEAD, {"estate": estate}).one_or_none()
        return Head(row.seq, row.hash) if row else Head()

    def reached(self, estates: Collection[str]) -> Mapping[str, int]:
        rows = self._connection.execute(_REACHED, {"estates": list(estates)})
        return {row.id: row.seq for row in rows if row.seq is not None}

    def since(self, estate: str, seq: int, limit: int = 500) -> Sequence[Entry]:
        query = select(t.ledger).where(t.ledger.c.estate == estate, t.ledger.c.seq > seq)
        return [_entry(row) for row in self._connection.execute(query.order_by(t.ledger.c.seq).limit(limit))]

    def of_incident(self, incident_id: str) -> Sequence[Entry]:
        query = select(t.ledger).where(t.ledger.c.incident_id == incident_id).order_by(t.ledger.c.seq)
        return [_entry(row) for row in self._connection.execute(query)]

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Entry]:
        table = t.ledger
        query = select(table).where(table.c.estate == estate, table.c.at >= start, table.c.at < end)
        return [_entry(row) for row in self._connection.execute(query.order_by(table.c.seq).limit(limit))]


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "estate": entry.estate,
        "seq": entry.seq,
        "kind": entry.kind,
        "at": entry.at,
        "actor": entry.actor,
        "incident_id": entry.incident_id,
        "subject": entry.subject,
        "causation_id": entry.causation_id,
        "data": json.dumps(dict(entry.data), ensure_ascii=False, sort_keys=True),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        estate=row.estate,
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        actor=row.actor,
        incident_id=row.incident_id,
        subject=row.subject,
        causation_id=row.causation_id,
        data=json.loads(row.data),
        previous=row.previous,
        hash=row.hash,
    )
