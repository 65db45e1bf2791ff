"""What could never be taken, as it came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text, update

from cloud.adapters.sql import tables as t
from cloud.application.records import DeadLetter
from cloud.domain.community.faults import Fault


class SqlDeadLetters:
    """Implements `fleet_ports.DeadLetters`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, letter: DeadLetter) -> None:
        row = {
            "id": letter.id,
            "received_at": letter.received_at,
            "topic": letter.topic,
            "reason": str(letter.reason),
            "reason_zh": letter.reason.zh if isinstance(letter.reason, Fault) else None,
            "payload": letter.payload,
            "estate": letter.estate,
            "node_id": letter.node_id,
            "why": letter.why,
        }
        self._connection.execute(insert(t.dead_letters), row)

    def latest(
        self, *, estates: Collection[str] | None = None, limit: int = 100, before: str | None = None
    ) -> Sequence[DeadLetter]:
        table = t.dead_letters
        query = select(table) if before is None else select(table).where(table.c.id < before)
        if estates is not None:
            query = query.where(table.c.estate.in_(list(estates)))
        rows = self._connection.execute(query.order_by(table.c.id.desc()).limit(limit))
        return [_letter(row) for row in rows]

    def get(self, letter_id: str) -> DeadLetter | None:
        table = t.dead_letters
        row = self._connection.execute(select(table).where(table.c.id == letter_id)).one_or_none()
        return _letter(row) if row else None

    def replayed(self, letter_id: str, at: datetime, by: str) -> bool:
        table = t.dead_letters
        waiting = (table.c.id == letter_id, table.c.replayed_at.is_(None))
        done = self._connection.execute(update(table).where(*waiting).values(replayed_at=at, replayed_by=by))
        return done.rowcount == 1

    def empty(self, before: datetime, limit: int) -> int:
        table = t.dead_letters
        unread = select(table.c.id).where(table.c.received_at < before, text("length(payload) > 0"))
        found = unread.order_by(table.c.received_at).limit(limit)
        return self._connection.execute(update(table).where(table.c.id.in_(found)).values(payload=b"")).rowcount

    def count(self, estate: str) -> Mapping[str, int]:
        table = t.dead_letters
        query = select(table.c.node_id, func.count()).where(table.c.estate == estate, table.c.node_id.is_not(None))
        rows = self._connection.execute(query.group_by(table.c.node_id))
        return {str(node): int(number) for node, number in rows}


def _letter(row: Row[Any]) -> DeadLetter:
    reason = row.reason if row.reason_zh is None else Fault(row.reason, row.reason_zh)
    return DeadLetter(
        row.id, row.received_at, row.topic, reason, row.payload, row.estate, row.node_id, row.why, row.replayed_at,
        row.replayed_by,
    )  # fmt: skip
