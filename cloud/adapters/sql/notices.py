"""The outbox of notifications, and the dead letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.application.records import DeadLetter
from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.notification import Notification, Reason

_INSERT_NOTIFICATIONS: Final = insert(t.notifications)


def unheld(now: datetime, limit: int) -> Select[Any]:
    """Messages that are due and that no worker is about to send."""
    table = t.notifications
    free = or_(table.c.held_until.is_(None), table.c.held_until <= now)
    query = select(table).where(table.c.sent_at.is_(None), table.c.next_attempt_at <= now, free)
    return query.order_by(table.c.next_attempt_at, table.c.id).limit(limit)


class SqlNotificationOutbox:
    """Implements `messages.NotificationOutbox`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, notifications: Sequence[Notification]) -> None:
        if notifications:
            self._connection.execute(_INSERT_NOTIFICATIONS, [_row(item) for item in notifications])

    def unsent(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        return [_notification(row) for row in self._connection.execute(unheld(now, limit))]

    def claim(self, now: datetime, *, by: str, until: datetime, limit: int = 20) -> Sequence[Notification]:
        # SQLite has one writer, so the transaction keeps others out; PostgreSQL leaves to others what we have locked.
        rows = self._connection.execute(unheld(now, limit).with_for_update(skip_locked=True))
        found = [replace(_notification(row), held_by=by, held_until=until) for row in rows]
        table = t.notifications
        taken = table.c.id.in_([item.id for item in found])
        self._connection.execute(update(table).where(taken).values(held_by=by, held_until=until))
        return found

    def settle(self, notification: Notification, *, by: str) -> bool:
        table = t.notifications
        ours = (table.c.id == notification.id, table.c.held_by == by)
        free = _row(replace(notification, held_by=None, held_until=None))
        return self._connection.execute(update(table).where(*ours).values(free)).rowcount == 1


class SqlDeadLetters:
    """Implements `ports.DeadLetters`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, letter: DeadLetter) -> None:
        row = {
            "id": letter.id,
            "received_at": letter.received_at,
            "topic": letter.topic,
            "reason": letter.reason,
            "payload": letter.payload,
            "estate": letter.estate,
            "node_id": letter.node_id,
        }
        self._connection.execute(insert(t.dead_letters), row)

    def latest(self, *, estates: Collection[str] | None = None, limit: int = 100) -> Sequence[DeadLetter]:
        table = t.dead_letters
        query = select(table)
        if estates is not None:
            query = query.where(table.c.estate.in_(list(estates)))
        rows = self._connection.execute(query.order_by(table.c.id.desc()).limit(limit))
        return [
            DeadLetter(row.id, row.received_at, row.topic, row.reason, row.payload, row.estate, row.node_id)
            for row in rows
        ]

    def count(self, estate: str) -> Mapping[str, int]:
        table = t.dead_letters
        query = select(table.c.node_id, func.count()).where(table.c.estate == estate, table.c.node_id.is_not(None))
        rows = self._connection.execute(query.group_by(table.c.node_id))
        return {str(node): int(number) for node, number in rows}


def _row(item: Notification) -> dict[str, Any]:
    return {
        "id": item.id,
        "estate": item.estate,
        "task_id": item.task_id,
        "incident_id": item.incident_id,
        "party_id": item.party_id,
        "reason": item.reason.value,
        "importance": item.importance.value,
        "channel": item.channel,
        "phone": item.phone,
        "headline_zh": item.headline.zh,
        "headline_en": item.headline.en,
        "address_zh": item.address.zh,
        "address_en": item.address.en,
        "created_at": item.created_at,
        "sent_at": item.sent_at,
        "attempts": item.attempts,
        "next_attempt_at": item.next_attempt_at or item.created_at,
        "held_by": item.held_by,
        "held_until": item.held_until,
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
        channel=row.channel,
        phone=row.phone,
        sent_at=row.sent_at,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        held_by=row.held_by,
        held_until=row.held_until,
    )
