"""A message to a party becomes one delivery per member who is to be called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.messages import Recipients
from cloud.application.notices.nobody import hurry
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.register import Register
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Notification

URGENCY: Final = {Importance.NORMAL: 0, Importance.HIGH: 1, Importance.EMERGENCY: 2}


class Address:
    """One unit of work's worth of addressing. `kinds`: the channels that are set up."""

    def __init__(self, recipients: Recipients, kinds: Iterable[str], ids: Ids) -> None:
        self._recipients, self._kinds, self._ids = recipients, frozenset(kinds), ids

    def waiting(self, uow: UnitOfWork, now: datetime, limit: int) -> bool:
        """Address what waits; whether there was anything. The caller commits."""
        notifications = uow.outbox.unsent(now, limit)
        for notification in notifications:
            self._one(uow, notification, now)
        return bool(notifications)

    def _one(self, uow: UnitOfWork, notification: Notification, now: datetime) -> None:
        register = uow.registers.find(notification.estate)
        members = self._members(register, notification, now) if register else [None]
        notification = replace(notification, addressed_at=now)
        uow.outbox.save(notification)
        if members:
            uow.outbox.deliver(deliveries(notification, members, self._ids, now))
            return
        facts = {"party": notification.party_id, "reason": "no_member", "importance": notification.importance.value}
        draft = Draft(
            Kind.NOT_NOTIFIED, now, "system", notification.incident_id, notification.task_id, notification.id, facts
        )
        uow.ledger.append(notification.estate, [draft])
        hurry(uow, notification, now)

    def _members(self, register: Register, notification: Notification, now: datetime) -> Sequence[str | None]:
        """A party without anybody to call is still told on the console, where there is one: somebody may read it."""
        found: list[str | None] = [m.id for m in self._recipients.of(register, notification.party_id, now)]
        return found or ([None] if CONSOLE in self._kinds else [])


def deliveries(notification: Notification, members: Iterable[str | None], ids: Ids, now: datetime) -> list[Delivery]:
    return [
        Delivery(
            id=ids.new(now),
            notification_id=notification.id,
            estate=notification.estate,
            task_id=notification.task_id,
            incident_id=notification.incident_id,
            party_id=notification.party_id,
            member_id=member_id,
            urgency=URGENCY[notification.importance],
            created_at=notification.created_at,
            next_attempt_at=now,
        )
        for member_id in members
    ]
