"""The outbox of messages to parties, and their deliveries to members."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, insert, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.concerns import seen_in
from cloud.adapters.sql.failures import columns_of, fields_of
from cloud.adapters.sql.notice_tables import HURRYING, SECOND_ROUND, UNADDRESSED, WAITING, deliveries, notifications
from cloud.adapters.sql.upserting import upsert
from cloud.application.messages import Reader
from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.target import Only
from cloud.domain.records.allowance import Spent
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.notification import Notification, Reason
from cloud.domain.tasks.sight import Outlook

_INSERT_NOTIFICATIONS: Final = insert(notifications)


def due_now(now: datetime, limit: int) -> Select[Any]:
    """Deliveries that are due and that no worker is about to send."""
    c = deliveries.c
    free = or_(c.held_until.is_(None), c.held_until <= now)
    query = select(deliveries).where(WAITING, c.next_attempt_at <= now, free)
    return query.order_by(c.urgency.desc(), c.next_attempt_at, c.id).limit(limit)


def anything_waits(now: Any) -> Sequence[Select[Any]]:
    """Anything waits at `now` if any of these has a row: one question to an index each instead of four whole ones."""
    c = notifications.c
    free = or_(deliveries.c.held_until.is_(None), deliveries.c.held_until <= now)
    return (
        select(c.id).where(UNADDRESSED, c.created_at <= now),
        select(c.id).where(SECOND_ROUND, c.second_at <= now),
        select(deliveries.c.id).where(WAITING, deliveries.c.next_attempt_at <= now, free),
        select(c.id).where(HURRYING),
    )


_NOW: Final = bindparam("now", type_=notifications.c.created_at.type)
_ANYTHING: Final = select(or_(*(one.exists() for one in anything_waits(_NOW))))


class SqlNotificationOutbox:
    """Implements `messages.NotificationOutbox`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, notifications: Sequence[Notification]) -> None:
        if notifications:
            self._connection.execute(_INSERT_NOTIFICATIONS, [_row(item) for item in notifications])

    def waits(self, now: datetime) -> bool:
        return bool(self._connection.execute(_ANYTHING, {"now": now}).scalar_one())

    def unsent(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        table = notifications
        query = select(table).where(UNADDRESSED, table.c.created_at <= now).order_by(table.c.created_at, table.c.id)
        rows = self._connection.execute(query.limit(limit).with_for_update(skip_locked=True))
        return [_notification(row) for row in rows]

    def second_rounds(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        c = notifications.c
        query = select(notifications).where(SECOND_ROUND, c.second_at <= now).order_by(c.second_at, c.id).limit(limit)
        return [_notification(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]

    def get(self, notification_id: str) -> Notification | None:
        row = self._connection.execute(select(notifications).where(notifications.c.id == notification_id)).one_or_none()
        return _notification(row) if row else None

    def lock(self, notification_id: str) -> None:
        query = select(notifications.c.id).where(notifications.c.id == notification_id)
        self._connection.execute(query.with_for_update()).one_or_none()

    def save(self, notification: Notification) -> None:
        upsert(self._connection, notifications, [_row(notification)])

    def of_task(self, task_id: str) -> Sequence[Notification]:
        c = notifications.c
        query = select(notifications).where(c.task_id == task_id, c.withdrawn_at.is_(None)).order_by(c.id)
        return [_notification(row) for row in self._connection.execute(query)]

    def hurrying(self, limit: int = 20) -> Sequence[Notification]:
        query = (
            select(notifications).where(HURRYING).order_by(notifications.c.hurry_at, notifications.c.id).limit(limit)
        )
        return [_notification(row) for row in self._connection.execute(query)]

    def deliver(self, deliveries: Sequence[Delivery]) -> None:
        upsert(self._connection, _DELIVERIES, [_delivery_row(item) for item in deliveries])

    def due(self, now: datetime, limit: int = 20) -> Sequence[Delivery]:
        return [_delivery(row) for row in self._connection.execute(due_now(now, limit))]

    def claim(
        self, now: datetime, *, by: str, until: datetime, limit: int = 20, reader: Reader | None = None
    ) -> Sequence[Delivery]:
        query = due_now(now, limit)
        # SQLite has one writer, so the transaction keeps others out; PostgreSQL leaves to others what we have locked.
        rows = self._connection.execute(
            (query if reader is None else query.where(_of(reader))).with_for_update(skip_locked=True)
        )
        found = [replace(_delivery(row), held_by=by, held_until=until) for row in rows]
        taken = deliveries.c.id.in_([item.id for item in found])
        self._connection.execute(update(deliveries).where(taken).values(held_by=by, held_until=until))
        return found

    def told_since(self, reader: Reader, since: datetime) -> Sequence[Delivery]:
        query = select(deliveries).where(_of(reader), deliveries.c.sent_at >= since).order_by(deliveries.c.id)
        return [_delivery(row) for row in self._connection.execute(query)]

    def delivery(self, delivery_id: str) -> Delivery | None:
        return self._one(select(deliveries).where(deliveries.c.id == delivery_id).with_for_update())

    def called(self, call_hash: str) -> Delivery | None:
        return self._one(select(deliveries).where(deliveries.c.call_hash == call_hash).with_for_update())

    def of_notification(self, notification_id: str) -> Sequence[Delivery]:
        query = select(deliveries).where(deliveries.c.notification_id == notification_id).order_by(deliveries.c.id)
        return [_delivery(row) for row in self._connection.execute(query)]

    def spent(self, channel: str, delivery: Delivery, window: datetime, day: datetime) -> Spent:
        c = deliveries.c
        whose = (c.task_id == delivery.task_id, c.member_id == delivery.member_id, c.sent_at.is_not(None))
        to_member = select(c.sent_at).where(c.channel == channel, c.sent_at > window, *whose).order_by(c.sent_at)
        # What was gathered for a member left as one message, all of it noted in one moment.
        sent = select(c.member_id, c.sent_at).where(c.channel == channel, c.sent_at > day).distinct().subquery()
        in_day = self._connection.execute(select(func.count()).select_from(sent)).scalar_one()
        before = select(c.id).where(*whose).limit(1)
        first = self._connection.execute(before).first() is None
        return Spent(tuple(self._connection.execute(to_member).scalars()), int(in_day), first)

    def latest(
        self, estate: str, *, failed: bool, limit: int, before: str | None = None, seen_by: Outlook | None = None
    ) -> Sequence[Delivery]:
        query = select(deliveries).where(deliveries.c.estate == estate)
        if seen_by is not None and not seen_by.everything:
            query = query.select_from(
                deliveries.join(t.tasks, t.tasks.c.id == deliveries.c.task_id).join(
                    t.incidents, t.incidents.c.id == t.tasks.c.incident_id
                )
            ).where(seen_in(seen_by))
        if failed:
            query = query.where(deliveries.c.why.is_not(None))
        if before is not None:
            query = query.where(deliveries.c.id < before)
        rows = self._connection.execute(query.order_by(deliveries.c.id.desc()).limit(limit))
        return [_delivery(row) for row in rows]

    def of_member(self, member_id: str, since: datetime, limit: int) -> Sequence[Delivery]:
        query = select(deliveries).where(deliveries.c.member_id == member_id, deliveries.c.created_at >= since)
        rows = self._connection.execute(
            query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit)
        )
        return [_delivery(row) for row in rows]

    def settle(self, delivery: Delivery, *, by: str) -> bool:
        ours = (deliveries.c.id == delivery.id, deliveries.c.held_by == by)
        free = _delivery_row(replace(delivery, held_by=None, held_until=None))
        return self._connection.execute(update(deliveries).where(*ours).values(free)).rowcount == 1

    def amend(self, delivery: Delivery) -> None:
        row = _delivery_row(delivery)
        kept = {key: value for key, value in row.items() if key not in ("held_by", "held_until")}
        self._connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(kept))

    def _one(self, query: Select[Any]) -> Delivery | None:
        row = self._connection.execute(query).one_or_none()
        return _delivery(row) if row else None


_DELIVERIES: Final = deliveries


def _of(reader: Reader) -> ColumnElement[bool]:
    c = deliveries.c
    if reader.member_id is not None:
        return c.member_id == reader.member_id
    return and_(c.member_id.is_(None), c.party_id == reader.party_id)


def _row(item: Notification) -> dict[str, Any]:
    return {
        "id": item.id,
        "estate": item.estate,
        "task_id": item.task_id,
        "incident_id": item.incident_id,
        "party_id": item.party_id,
        "reason": item.reason.value,
        "importance": item.importance.value,
        "phone": item.phone,
        "headline_zh": item.headline.zh,
        "headline_en": item.headline.en,
        "address_zh": item.address.zh,
        "address_en": item.address.en,
        "created_at": item.created_at,
        "by_zh": item.by.zh if item.by else None,
        "by_en": item.by.en if item.by else None,
        "addressed_at": item.addressed_at,
        "hurry_at": item.hurry_at,
        "withdrawn_at": item.withdrawn_at,
        "second_at": item.second_at,
        "widened_at": item.widened_at,
        "repeats": item.repeats,
        "only_some": json.dumps([[one.by, one.value] for one in item.only]) if item.only else None,
    }


def _notification(row: Row[Any]) -> Notification:
    return Notification(
        id=row.id,
        estate=row.estate,
        task_id=row.task_id,
        incident_id=row.incident_id,
        party_id=row.party_id,
        reason=Reason(row.reason),
        importance=Importance(row.importance),
        headline=Names(row.headline_zh, row.headline_en),
        address=Names(row.address_zh, row.address_en),
        created_at=row.created_at,
        phone=row.phone,
        by=Names(row.by_zh, row.by_en) if row.by_en is not None else None,
        addressed_at=row.addressed_at,
        hurry_at=row.hurry_at,
        withdrawn_at=row.withdrawn_at,
        second_at=row.second_at,
        widened_at=row.widened_at,
        repeats=row.repeats,
        only=tuple(Only(by, value) for by, value in json.loads(row.only_some)) if row.only_some else (),
    )


def _delivery_row(item: Delivery) -> dict[str, Any]:
    return {**asdict(item), **columns_of(item.why), "tried": json.dumps(item.tried)}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**fields_of(row), "tried": tuple(json.loads(row.tried))})
