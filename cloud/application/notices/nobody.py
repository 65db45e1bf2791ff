"""A party of which nobody can be reached is said on the timeline, and the ladder goes on at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import ASKS, Notification
from cloud.domain.tasks.task import TaskState
from cloud.errors import Conflict


def nobody_reached(uow: UnitOfWork, notification: Notification, now: datetime) -> bool:
    """Whether nobody of the party may answer that message: every delivery has failed through every channel or, where life
    is at stake, went through channels that nobody has proven. What follows from it is done then.
    """
    uow.outbox.lock(notification.id)
    known = uow.outbox.get(notification.id)
    if known is None or not _in_vain(uow, known):
        return False
    if known.second_at is not None and known.withdrawn_at is None:
        # Not all of the party were called yet: the rest need not wait for those who cannot be reached.
        uow.outbox.save(replace(known, second_at=min(known.second_at, now)))
        return True
    _pass_on(uow, known, now)
    return True


def pass_if_in_vain(uow: UnitOfWork, notification: Notification, now: datetime) -> None:
    """The rest of the party turned out to be nobody: where those called before cannot answer either, the ladder goes on."""
    if _in_vain(uow, notification):
        _pass_on(uow, notification, now)


def _pass_on(uow: UnitOfWork, notification: Notification, now: datetime) -> None:
    made = uow.outbox.of_notification(notification.id)
    reason = "not_proven" if any(delivery.sent_at is not None for delivery in made) else "nobody_reached"
    facts = {"party": notification.party_id, "reason": reason, "members": len(made)}
    draft = Draft(
        Kind.NOT_NOTIFIED, now, "system", notification.incident_id, notification.task_id, notification.id, facts
    )
    if notification.worth_saying:
        uow.ledger.append(notification.estate, [draft])
    hurry(uow, notification, now)


def hurry(uow: UnitOfWork, notification: Notification, now: datetime) -> None:
    """The ladder is to go on; `PassOn` sees to it in a unit of work of its own, which takes the task and nothing else."""
    known = uow.outbox.get(notification.id)
    if known is not None and notification.reason in ASKS:
        uow.outbox.save(replace(known, hurry_at=now))


class PassOn:
    """The next who would be called if nobody answered is called now: waiting for these would be waiting for nobody.

    Not while another party that was called in the same breath was reached, or may still be: it may answer.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self) -> None:
        with self._units.reading() as uow:
            waiting = uow.outbox.hurrying()
        for notification in waiting:
            # Somebody acts on the task at this very moment: it is looked at again with the next run.
            with suppress(Conflict), self._units.writing() as uow:
                self._one(uow, notification)
                uow.commit()

    def _one(self, uow: UnitOfWork, notification: Notification) -> None:
        uow.ledger.hold(notification.estate)
        task = uow.tasks.get(notification.task_id)
        if task is not None and task.state is TaskState.NEW and not _others_may_answer(uow, notification):
            ladder = task.ladder.bring_forward(task.duty.ladder, self._clock.now())
            if ladder != task.ladder:
                task.ladder = ladder
                uow.tasks.save(task)
        uow.outbox.lock(notification.id)
        known = uow.outbox.get(notification.id)
        if known is not None:
            uow.outbox.save(replace(known, hurry_at=None))


def _others_may_answer(uow: UnitOfWork, notification: Notification) -> bool:
    called = (notification.reason, notification.created_at)
    of_task = uow.outbox.of_task(notification.task_id)
    others = [n for n in of_task if (n.reason, n.created_at) == called and n.id != notification.id]
    return not all(other.second_at is None and _in_vain(uow, other) for other in others)


def _in_vain(uow: UnitOfWork, notification: Notification) -> bool:
    """Whether there was nobody to call, or nobody who was called may answer."""
    made = uow.outbox.of_notification(notification.id)
    safety = notification.life_safety
    return notification.addressed_at is not None and not any(one.may_answer(life_safety=safety) for one in made)
