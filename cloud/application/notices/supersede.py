"""A call sheet, or a plea to look, that is said again takes the place of the one before that did not get out; what repeats is folded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.records.delivery import DeliveryState
from cloud.domain.records.notification import Notification, Reason

_REPEATED: Final = frozenset({Reason.CALL_SHEET, Reason.VERIFY})


def superseding(uow: UnitOfWork, newer: Notification, now: datetime) -> Notification:
    """The newer one, knowing how many before it were in vain. Of the older ones of its task, party and number nothing is
    sent any more, except what a worker is sending at this very moment; who got one is kept, to be told who answers.
    """
    if newer.reason not in _REPEATED:
        return newer
    for older in uow.outbox.of_task(newer.task_id):
        if older.id < newer.id and _alike(older, newer):
            newer = _take_place(uow, older, newer, now)
    return newer


def _alike(older: Notification, newer: Notification) -> bool:
    same = (older.reason, older.party_id, older.phone) == (newer.reason, newer.party_id, newer.phone)
    return same and older.withdrawn_at is None


def _take_place(uow: UnitOfWork, older: Notification, newer: Notification, now: datetime) -> Notification:
    uow.outbox.lock(older.id)
    made = uow.outbox.of_notification(older.id)
    reached = any(delivery.state is DeliveryState.SENT for delivery in made)
    for delivery in made:
        under_way = delivery.held_until is not None and delivery.held_until > now
        if delivery.state is DeliveryState.WAITING and not under_way:
            uow.outbox.amend(replace(delivery, withdrawn_at=now))
    # Kept while somebody has it or is about to: they are told when it is handled.
    left = reached or any(one.held_until is not None and one.held_until > now for one in made)
    uow.outbox.save(replace(older, second_at=None, withdrawn_at=None if left else now))
    failing = bool(made) and not reached
    return replace(
        newer,
        repeats=older.repeats + 1 if failing else newer.repeats,
        widened_at=newer.widened_at or older.widened_at,
    )
