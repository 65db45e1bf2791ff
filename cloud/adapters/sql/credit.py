"""Credit in SQL: the book of entries, the published tables, the tasks that rates are made from."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.credit_tables import credit_entries, credit_versions
from cloud.application.positions import Position
from cloud.domain.credit.account import CreditEntry, EntryKind, ReversalReason, Withheld
from cloud.domain.credit.table import ActKind, CreditTable
from cloud.domain.tasks.task import Task

_TABLE: Final = TypeAdapter(CreditTable)
_TASK: Final = TypeAdapter(Task)
_e: Final = credit_entries.c
_v: Final = credit_versions.c


class SqlCreditBook:
    """Implements `credit_ports.CreditBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, estate: str) -> None:
        if self._connection.dialect.name != "sqlite":
            # SQLite has one writer anyway.
            self._connection.execute(select(t.estates.c.id).where(t.estates.c.id == estate).with_for_update())

    def add(self, entries: Sequence[CreditEntry]) -> None:
        if entries:
            self._connection.execute(insert(credit_entries), [_row(entry) for entry in entries])

    def get(self, entry_id: str) -> CreditEntry | None:
        found = self._entries(select(credit_entries).where(_e.id == entry_id))
        return found[0] if found else None

    def of_acts(self, estate: str, prefix: str) -> Sequence[CreditEntry]:
        query = select(credit_entries).where(_e.estate == estate, _e.act_id.startswith(prefix, autoescape=True))
        return self._entries(query.order_by(_e.at, _e.id))

    def of_day(self, estate: str, member_ids: Collection[str], day: date) -> Sequence[CreditEntry]:
        query = select(credit_entries).where(_e.estate == estate, _e.member_id.in_(sorted(member_ids)), _e.day == day)
        return self._entries(query.order_by(_e.at, _e.id))

    def statement(
        self, estate: str, member_id: str, *, limit: int, before: Position | None = None
    ) -> Sequence[CreditEntry]:
        query = select(credit_entries).where(_e.estate == estate, _e.member_id == member_id)
        if before is not None:
            at, last = before
            query = query.where(or_(_e.at < at, and_(_e.at == at, _e.id > last)))
        return self._entries(query.order_by(_e.at.desc(), _e.id).limit(limit))

    def standing(self, estate: str, limit: int) -> Sequence[CreditEntry]:
        gone = select(_e.reverses).where(_e.estate == estate, _e.reverses.is_not(None))
        query = select(credit_entries).where(
            _e.estate == estate, _e.kind == EntryKind.GRANTED, _e.points > 0, _e.id.not_in(gone)
        )
        return self._entries(query.order_by(_e.at.desc(), _e.id).limit(limit))

    def balance(self, estate: str, member_id: str) -> int:
        query = select(func.sum(_e.points)).where(_e.estate == estate, _e.member_id == member_id)
        return int(self._connection.execute(query).scalar_one() or 0)

    def sums(self, estate: str) -> Mapping[tuple[ActKind, EntryKind], tuple[int, int]]:
        query = select(_e.act, _e.kind, func.sum(_e.points), func.count()).where(_e.estate == estate)
        rows = self._connection.execute(query.group_by(_e.act, _e.kind).order_by(_e.act, _e.kind))
        return {(ActKind(act), EntryKind(kind)): (int(points), int(count)) for act, kind, points, count in rows}

    def accounts(self, estate: str) -> int:
        query = select(func.count(_e.member_id.distinct())).where(_e.estate == estate)
        return int(self._connection.execute(query).scalar_one())

    def _entries(self, query: Select[Any]) -> list[CreditEntry]:
        return [_entry(row) for row in self._connection.execute(query)]


class SqlCreditTables:
    """Implements `credit_ports.CreditTables`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, estate: str) -> CreditTable | None:
        query = select(_v.body).where(_v.estate == estate).order_by(_v.version.desc()).limit(1)
        body = self._connection.execute(query).scalar_one_or_none()
        return None if body is None else _TABLE.validate_json(body)

    def get(self, estate: str, version: int) -> CreditTable | None:
        query = select(_v.body).where(_v.estate == estate, _v.version == version)
        body = self._connection.execute(query).scalar_one_or_none()
        return None if body is None else _TABLE.validate_json(body)

    def publish(self, estate: str, table: CreditTable, at: datetime) -> None:
        body = _TABLE.dump_json(table).decode()
        row = {"estate": estate, "version": table.version, "published_at": at, "body": body}
        self._connection.execute(insert(credit_versions), row)


class SqlRatedTasks:
    """Implements `credit_ports.RatedTasks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def within(self, estate: str, since: datetime, until: datetime) -> Sequence[Task]:
        closed = t.tasks.c.closed_at
        query = select(t.tasks.c.body).where(
            t.tasks.c.estate == estate, t.tasks.c.opened_at < until, or_(closed.is_(None), closed >= since)
        )
        return [_TASK.validate_json(body) for body in self._connection.execute(query.order_by(t.tasks.c.id)).scalars()]


def _row(entry: CreditEntry) -> dict[str, Any]:
    return {**asdict(entry), "confirmed_by": json.dumps(entry.confirmed_by)}


def _entry(row: Row[Any]) -> CreditEntry:
    return CreditEntry(
        id=row.id,
        estate=row.estate,
        member_id=row.member_id,
        kind=EntryKind(row.kind),
        act=ActKind(row.act),
        act_id=row.act_id,
        points=row.points,
        earned=row.earned,
        day=row.day,
        at=row.at,
        table_version=row.table_version,
        confirmed_by=tuple(json.loads(row.confirmed_by)),
        withheld=Withheld(row.withheld) if row.withheld else None,
        incident_id=row.incident_id,
        reverses=row.reverses,
        reason=ReversalReason(row.reason) if row.reason else None,
    )
