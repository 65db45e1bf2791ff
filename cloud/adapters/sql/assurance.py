"""Reports, photos, exercises and maintenance windows in SQL, each kept whole as JSON beside what is searched by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, bindparam, insert, or_, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.assurance_tables import exercises, photos, reports, windows
from cloud.adapters.sql.newest_first import newest_first
from cloud.adapters.sql.personal import personal_row
from cloud.adapters.sql.upserting import upsert
from cloud.application.positions import Position
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.incidents.report import Report
from cloud.domain.records.personal import PersonalClass, PersonalRecord
from cloud.domain.records.photo import PhotoRecord

_REPORT: Final = TypeAdapter(Report)
_PHOTO: Final = TypeAdapter(PhotoRecord)
_EXERCISE: Final = TypeAdapter(Exercise)
_WINDOW: Final = TypeAdapter(Window)


class SqlReports:
    """Implements `assurance_ports.Reports`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, report_id: str) -> Report | None:
        return self._one(select(reports.c.body).where(reports.c.id == report_id))

    def by_token(self, token_hash: str) -> Report | None:
        return self._one(select(reports.c.body).where(reports.c.token_hash == token_hash))

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[Report]:
        query = select(reports.c.body).where(reports.c.incident_id.in_(list(incident_ids)))
        rows = self._connection.execute(query.order_by(reports.c.at, reports.c.id)).scalars()
        return [_REPORT.validate_json(body) for body in rows]

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Report]:
        query = select(reports.c.body).where(reports.c.estate == estate, reports.c.at >= start, reports.c.at < end)
        rows = self._connection.execute(query.order_by(reports.c.at.desc(), reports.c.id.desc()).limit(limit)).scalars()
        return [_REPORT.validate_json(body) for body in rows]

    def of_member(
        self, estate: str, member_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[Report]:
        c = reports.c
        query = select(c.body).where(c.member_id == member_id, c.estate == estate)
        if before is not None:
            at, last = before
            query = query.where(or_(c.at < at, and_(c.at == at, c.id < last)))
        rows = self._connection.execute(query.order_by(c.at.desc(), c.id.desc()).limit(limit)).scalars()
        return [_REPORT.validate_json(body) for body in rows]

    def save(self, report: Report) -> None:
        row = {
            "id": report.id,
            "estate": report.estate,
            "incident_id": report.incident_id,
            "token_hash": report.token_hash,
            "at": report.at,
            "member_id": report.member_id,
            "body": _REPORT.dump_json(report).decode(),
        }
        upsert(self._connection, reports, [row])

    def _one(self, query: Select[Any]) -> Report | None:
        body = self._connection.execute(query).scalar_one_or_none()
        return None if body is None else _REPORT.validate_json(body)


class SqlPhotos:
    """Implements `assurance_ports.Photos`. The digest stands among the personal data, under the photo's id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, photo: PhotoRecord) -> None:
        bare = replace(photo, digest=None, salt="")
        row = {
            "id": photo.id,
            "estate": photo.estate,
            "incident_id": photo.incident_id,
            "at": photo.at,
            "body": _PHOTO.dump_json(bare).decode(),
        }
        self._connection.execute(insert(photos), row)
        self._connection.execute(insert(t.personal), personal_row(picture_record(photo)))

    def get(self, photo_id: str) -> PhotoRecord | None:
        row = self._connection.execute(_WITH_DIGEST.where(photos.c.id == photo_id)).one_or_none()
        return _photo(row) if row else None

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[PhotoRecord]:
        query = _WITH_DIGEST.where(photos.c.incident_id.in_(list(incident_ids))).order_by(photos.c.at, photos.c.id)
        return [_photo(row) for row in self._connection.execute(query)]

    def living(self) -> frozenset[str]:
        query = select(t.personal.c.text).join(photos, photos.c.id == t.personal.c.id)
        return frozenset(self._connection.execute(query.where(t.personal.c.erased_at.is_(None))).scalars())


def picture_record(photo: PhotoRecord) -> PersonalRecord:
    """The picture as a piece of personal data: who took it may ask for its erasure, and retention finds it."""
    reported = photo.by.startswith("report:")
    subject = f"reporter:{photo.by.removeprefix('report:')}" if reported else f"member:{photo.by}"
    sort = PersonalClass.REPORTER if reported else PersonalClass.NOTE
    return PersonalRecord(
        photo.id, photo.estate, subject, sort, photo.at, photo.digest or "", photo.salt, photo.incident_id
    )


_WITH_DIGEST: Final = select(photos.c.body, t.personal.c.text, t.personal.c.erased_at).join(
    t.personal, t.personal.c.id == photos.c.id
)


def _photo(row: Row[Any, Any, Any]) -> PhotoRecord:
    digest = None if row.erased_at else row.text
    return replace(_PHOTO.validate_json(row.body), digest=digest, erased_at=row.erased_at)


def _running(table: Table) -> Select[Any]:
    c, now = table.c, bindparam("now", type_=table.c.starts_at.type)
    query = select(c.body).where(
        c.estate == bindparam("estate"), c.ended_at.is_(None), c.starts_at <= now, c.ends_at > now
    )
    return query.order_by(c.id)


_RUNNING: Final = {table: _running(table) for table in (exercises, windows)}
"""Asked with every alarm, and so put together once."""


def planned_over(table: Table, now: Any) -> ColumnElement[bool]:
    """Its time is up, and nobody has ended it."""
    return and_(table.c.ended_at.is_(None), table.c.ends_at <= now)


class _Planned:
    """What has a beginning and an end, by estate."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._connection, self._table = connection, table

    def bodies(self, query: Select[Any]) -> list[str]:
        return list(self._connection.execute(query).scalars())

    def get(self, its_id: str) -> str | None:
        return next(iter(self.bodies(select(self._table.c.body).where(self._table.c.id == its_id))), None)

    def of(self, estate: str, limit: int, before: Position | None) -> list[str]:
        c = self._table.c
        return self.bodies(newest_first(select(c.body).where(c.estate == estate), c.starts_at, c.id, limit, before))

    def around(self, estates: Collection[str], start: datetime, end: datetime) -> list[str]:
        c = self._table.c
        query = select(c.body).where(c.estate.in_(estates), c.starts_at < end, c.ends_at > start)
        return self.bodies(query.order_by(c.starts_at.desc(), c.id.desc()))

    def running(self, estate: str, now: datetime) -> list[str]:
        return list(self._connection.execute(_RUNNING[self._table], {"estate": estate, "now": now}).scalars())

    def due(self, now: datetime, limit: int) -> list[str]:
        c = self._table.c
        query = select(c.body).where(planned_over(self._table, now)).order_by(c.ends_at, c.id).limit(limit)
        return self.bodies(query.with_for_update(skip_locked=True))

    def save(self, one: Exercise | Window, body: str) -> None:
        row = {
            "id": one.id,
            "estate": one.estate,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "ended_at": one.ended_at,
            "body": body,
        }
        upsert(self._connection, self._table, [row])


class SqlExercises:
    """Implements `assurance_ports.Exercises`."""

    def __init__(self, connection: Connection) -> None:
        self._kept = _Planned(connection, exercises)

    def get(self, exercise_id: str) -> Exercise | None:
        body = self._kept.get(exercise_id)
        return None if body is None else _EXERCISE.validate_json(body)

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Exercise]:
        return [_EXERCISE.validate_json(body) for body in self._kept.of(estate, limit, before)]

    def around(self, estate: str, start: datetime, end: datetime) -> Sequence[Exercise]:
        return self.around_over([estate], start, end)

    def around_over(self, estates: Collection[str], start: datetime, end: datetime) -> Sequence[Exercise]:
        return [_EXERCISE.validate_json(body) for body in self._kept.around(estates, start, end)]

    def running(self, estate: str, now: datetime) -> Sequence[Exercise]:
        return [_EXERCISE.validate_json(body) for body in self._kept.running(estate, now)]

    def due(self, now: datetime, limit: int = 1) -> Sequence[Exercise]:
        return [_EXERCISE.validate_json(body) for body in self._kept.due(now, limit)]

    def save(self, exercise: Exercise) -> None:
        self._kept.save(exercise, _EXERCISE.dump_json(exercise).decode())


class SqlWindows:
    """Implements `assurance_ports.Windows`."""

    def __init__(self, connection: Connection) -> None:
        self._kept = _Planned(connection, windows)

    def get(self, window_id: str) -> Window | None:
        body = self._kept.get(window_id)
        return None if body is None else _WINDOW.validate_json(body)

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Window]:
        return [_WINDOW.validate_json(body) for body in self._kept.of(estate, limit, before)]

    def around(self, estate: str, start: datetime, end: datetime) -> Sequence[Window]:
        return [_WINDOW.validate_json(body) for body in self._kept.around([estate], start, end)]

    def running(self, estate: str, now: datetime) -> Sequence[Window]:
        return [_WINDOW.validate_json(body) for body in self._kept.running(estate, now)]

    def due(self, now: datetime, limit: int = 1) -> Sequence[Window]:
        return [_WINDOW.validate_json(body) for body in self._kept.due(now, limit)]

    def save(self, window: Window) -> None:
        self._kept.save(window, _WINDOW.dump_json(window).decode())
