"""A message to a party becomes one delivery per member who is to be called."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.notices.called import SECOND_ROUND, UNREACHED, called, first_round, second_round
from cloud.application.notices.nobody import hurry, pass_if_in_vain
from cloud.application.notices.supersede import superseding
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import AWAITS, Notification

URGENCY: Final = {Importance.NORMAL: 0, Importance.HIGH: 1, Importance.EMERGENCY: 2}


class Address:
    """One unit of work's worth of addressing. `kinds`: the channels that are set up."""

    def __init__(self, kinds: Container[str], ids: Ids) -> None:
        self._kinds, self._ids = kinds, ids

    def waiting(self, uow: UnitOfWork, now: datetime, limit: int) -> bool:
        """Address what waits, and whom a second round is due to; whether there was anything. The caller commits."""
        notifications = uow.outbox.unsent(now, limit)
        for notification in notifications:
            self._one(uow, notification, now)
        again = uow.outbox.second_rounds(now, limit)
        for notification in again:
            self._rest(uow, notification, now)
        return bool(notifications or again)

    def _one(self, uow: UnitOfWork, notification: Notification, now: datetime) -> None:
        register = uow.registers.find(notification.estate)
        notification = superseding(uow, notification, now)
        found = first_round(uow, register, notification, now) if register else None
        second_at = found.second_at if found else None
        notification = replace(notification, addressed_at=now, second_at=second_at)
        uow.outbox.save(notification)
        if found is not None and found.members:
            if notification.reason in AWAITS and notification.worth_saying:
                uow.ledger.append(notification.estate, [called(notification, found.members, found.ground, now)])
            uow.outbox.deliver(deliveries(notification, [m.id for m in found.members], self._ids, now))
            return
        if CONSOLE in self._kinds:
            # A party without anybody to call is still told where somebody may read it.
            uow.outbox.deliver(deliveries(notification, [None], self._ids, now))
            return
        facts = {"party": notification.party_id, "reason": "no_member", "importance": notification.importance.value}
        draft = Draft(
            Kind.NOT_NOTIFIED, now, "system", notification.incident_id, notification.task_id, notification.id, facts
        )
        if notification.worth_saying:
            uow.ledger.append(notification.estate, [draft])
        hurry(uow, notification, now)

    def _rest(self, uow: UnitOfWork, notification: Notification, now: datetime) -> None:
        """The second round: it is made in the transaction that takes its due time away, so it is made once."""
        register = uow.registers.find(notification.estate)
        members = second_round(uow, register, notification, now) if register else None
        if members is None:
            uow.outbox.save(replace(notification, second_at=None))
            return
        notification = replace(notification, second_at=None, widened_at=now)
        uow.outbox.save(notification)
        if not members:
            pass_if_in_vain(uow, notification, now)
            return
        made = uow.outbox.of_notification(notification.id)
        answering = any(one.may_answer(life_safety=notification.life_safety) for one in made)
        ground = SECOND_ROUND if answering else UNREACHED
        if notification.worth_saying:
            uow.ledger.append(notification.estate, [called(notification, members, ground, now)])
        uow.outbox.deliver(deliveries(notification, [member.id for member in members], self._ids, now))


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
