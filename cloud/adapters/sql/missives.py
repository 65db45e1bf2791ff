"""Messages that belong to no task in SQL, each kept whole as JSON beside what is searched by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Select, delete, select

from cloud.adapters.sql.missive_tables import missives
from cloud.adapters.sql.upserting import upsert
from cloud.domain.records.missive import Missive

_MISSIVE: Final = TypeAdapter(Missive)


def missive_due(now: Any) -> ColumnElement[bool]:
    due: ColumnElement[bool] = missives.c.next_at <= now
    return due


class SqlMissives:
    """Implements `missive_ports.Missives`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, missive_id: str) -> Missive | None:
        return next(iter(self._all(select(missives.c.body).where(missives.c.id == missive_id))), None)

    def about(self, subject_id: str) -> Sequence[Missive]:
        return self._all(select(missives.c.body).where(missives.c.about == subject_id).order_by(missives.c.id))

    def due(self, now: datetime, limit: int = 20) -> Sequence[Missive]:
        c = missives.c
        query = select(c.body).where(missive_due(now)).order_by(c.next_at, c.id).limit(limit)
        return self._all(query.with_for_update(skip_locked=True))

    def save(self, missive: Missive) -> None:
        row = {
            "id": missive.id,
            "estate": missive.estate,
            "about": missive.about,
            "next_at": missive.next_at,
            "settled_at": missive.settled_at,
            "body": _MISSIVE.dump_json(missive).decode(),
        }
        upsert(self._connection, missives, [row])

    def forget(self, settled_before: datetime, limit: int) -> int:
        c = missives.c
        old = select(c.id).where(c.settled_at < settled_before).order_by(c.settled_at).limit(limit)
        return self._connection.execute(delete(missives).where(c.id.in_(old))).rowcount

    def _all(self, query: Select[Any]) -> list[Missive]:
        return [_MISSIVE.validate_json(body) for body in self._connection.execute(query).scalars()]
