"""Personal data beside the ledger, and the heads that were published, on SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import upsert
from cloud.application.ledger_ports import PublishedHead
from cloud.domain.records.personal import PersonalClass, PersonalRecord


class SqlPersonal:
    """Implements `ledger_ports.PersonalStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: PersonalRecord) -> None:
        self._connection.execute(insert(t.personal), personal_row(record))

    def get(self, record_id: str) -> PersonalRecord | None:
        row = self._connection.execute(select(t.personal).where(t.personal.c.id == record_id)).one_or_none()
        return _record(row) if row else None

    def of_subject(self, estate: str, subject: str) -> Sequence[PersonalRecord]:
        table = t.personal
        query = select(table).where(table.c.estate == estate, table.c.subject == subject)
        return [_record(row) for row in self._connection.execute(query.order_by(table.c.id))]

    def of_estate(self, estate: str, limit: int = 1000) -> Sequence[PersonalRecord]:
        table = t.personal
        query = select(table).where(table.c.estate == estate, table.c.erased_at.is_(None))
        return [_record(row) for row in self._connection.execute(query.order_by(table.c.id).limit(limit))]

    def outlived(self, sort: PersonalClass, before: datetime, limit: int = 200) -> Sequence[PersonalRecord]:
        table, incidents = t.personal, t.incidents
        over = or_(table.c.incident_id.is_(None), incidents.c.closed_at < before)
        query = (
            select(table)
            .join(incidents, incidents.c.id == table.c.incident_id, isouter=True)
            .where(table.c.sort == sort.value, table.c.at < before, table.c.erased_at.is_(None), over)
        )
        return [_record(row) for row in self._connection.execute(query.order_by(table.c.at, table.c.id).limit(limit))]

    def erase(self, record: PersonalRecord) -> None:
        self.shred()
        table = t.personal
        self._connection.execute(update(table).where(table.c.id == record.id).values(personal_row(record)))

    def shred(self) -> None:
        if self._connection.dialect.name == "sqlite":
            # What SQLite frees it overwrites with zeros from here on; otherwise the words would stay in the file.
            self._connection.exec_driver_sql("PRAGMA secure_delete = ON")

    def last_look(self, estate: str, member_id: str, about: str) -> datetime | None:
        table = t.personal_looks
        whose = (table.c.estate == estate, table.c.member_id == member_id, table.c.about == about)
        return self._connection.execute(select(table.c.at).where(*whose)).scalar()

    def first_look(self, estate: str, member_id: str, about: str, now: datetime, since: datetime) -> bool:
        last = self.last_look(estate, member_id, about)
        if last is not None and last > since:
            return False
        row = {"estate": estate, "member_id": member_id, "about": about, "at": now}
        upsert(self._connection, t.personal_looks, [row])
        return True


class SqlPublishedHeads:
    """Implements `ledger_ports.PublishedHeads`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, estate: str, published: PublishedHead) -> None:
        row = {"estate": estate, "seq": published.seq, "hash": published.hash, "at": published.at}
        self._connection.execute(insert(t.ledger_heads), row)

    def latest(self, estate: str, limit: int = 1, *, before: int | None = None) -> Sequence[PublishedHead]:
        table = t.ledger_heads
        query = select(table).where(table.c.estate == estate)
        if before is not None:
            query = query.where(table.c.seq < before)
        rows = self._connection.execute(query.order_by(table.c.seq.desc()).limit(limit))
        return [PublishedHead(row.seq, row.hash, row.at) for row in rows]


def personal_row(record: PersonalRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "estate": record.estate,
        "subject": record.subject,
        "sort": record.sort.value,
        "at": record.at,
        "text": record.text,
        "salt": record.salt,
        "incident_id": record.incident_id,
        "erased_at": record.erased_at,
    }


def _record(row: Row[Any]) -> PersonalRecord:
    return PersonalRecord(
        row.id, row.estate, row.subject, PersonalClass(row.sort), row.at, row.text, row.salt, row.incident_id,
        row.erased_at,
    )  # fmt: skip
