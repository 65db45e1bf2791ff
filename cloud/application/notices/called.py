"""Who of a party is called for one message: those on duty first, the rest when they do not answer, and why so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.community.party import Member
from cloud.domain.duties.reach import Ground, Reach, callable_members, reach
from cloud.domain.duties.register import Register
from cloud.domain.duties.second_round import second_round_after
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import AWAITS, Notification, Reason
from cloud.domain.tasks.assignment import Assignment, AssignmentState
from cloud.domain.tasks.promised_look import excused
from cloud.domain.tasks.task import Task, TaskState

SECOND_ROUND: Final = "second_round"
UNREACHED: Final = "unreached"
CALLED_BEFORE: Final = "called_before"
_SAID: Final = {Ground.ROSTER: "on_duty"}

_ANSWERED: Final = frozenset(
    {AssignmentState.ACCEPTED, AssignmentState.ARRIVED, AssignmentState.DONE, AssignmentState.DECLINED,
     AssignmentState.TRANSFERRED, AssignmentState.RELEASED}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called now and why; `second_at`: when the rest is, None where there is nobody left or nothing is asked."""

    members: tuple[Member, ...]
    ground: str
    second_at: datetime | None = None


def first_round(uow: UnitOfWork, register: Register, notification: Notification, now: datetime) -> Called:
    """Those on duty; with them whoever has taken the party's part, on duty or not. Once those on duty have left a message
    of this task unanswered, everybody is called for those that follow. Of a message for some of the party alone (`only`) all
    of this is so among them.
    """
    found = reach(register, notification.party_id, now, notification.only)
    task = uow.tasks.get(notification.task_id)
    if notification.reason is Reason.VERIFY and task is not None:
        found = _others(found, task)
    ground = _SAID.get(found.ground, found.ground.value)
    if not found.then or notification.reason not in AWAITS:
        return Called(found.first, ground)
    if notification.widened_at is not None or _widened_before(uow, notification):
        return Called((*found.first, *found.then), CALLED_BEFORE)
    part = task.part_of(notification.party_id) if task else None
    holder = part.assumed_by if part is not None and part.joined else None
    first = (*found.first, *(member for member in found.then if member.id == holder))
    if len(first) == len(found.first) + len(found.then) or task is None:
        return Called((*found.first, *found.then), ground)
    return Called(first, ground, now + second_round_after(_left(task, part, now), life_safety=task.life_safety))


def _others(found: Reach, task: Task) -> Reach:
    """Who did the work never verifies it alone, and who said that they cannot go is left in peace: their colleagues are
    asked, where there are any.
    """
    away = task.workers | excused(task)
    first, then = ([m for m in members if m.id not in away] for members in (found.first, found.then))
    if not first and not then:
        return found
    return replace(found, first=tuple(first or then), then=tuple(then) if first else ())


def second_round(
    uow: UnitOfWork, register: Register, notification: Notification, now: datetime
) -> tuple[Member, ...] | None:
    """Everybody of the party, or of those for whom alone it is, who was not called for this message yet, whatever its roster
    says by now; None: nobody needs to be, because the party has answered or nothing is left to do.
    """
    task = uow.tasks.get(notification.task_id)
    verifies = notification.reason is Reason.VERIFY
    if task is None or not (task.state is TaskState.RESOLVED if verifies else task.undone):
        return None
    part = task.part_of(notification.party_id)
    if not verifies and part is not None and part.works and part.state in _ANSWERED:
        return None
    before = {delivery.member_id for delivery in uow.outbox.of_notification(notification.id)}
    everybody = callable_members(register, notification.party_id)
    if notification.only:
        found = reach(register, notification.party_id, now, notification.only)
        everybody = (*found.first, *found.then)
    return tuple(member for member in everybody if member.id not in before)


def called(notification: Notification, members: Iterable[Member], ground: str, now: datetime) -> Draft:
    """The line on the timeline that says who is called, and why these."""
    facts = {
        "party": notification.party_id,
        "members": [member.id for member in members],
        "ground": ground,
        "reason": notification.reason.value,
        **({"only": [str(one) for one in notification.only]} if notification.only else {}),
    }
    return Draft(Kind.CALLED, now, "system", notification.incident_id, notification.task_id, notification.id, facts)


def _widened_before(uow: UnitOfWork, notification: Notification) -> bool:
    earlier: Sequence[Notification] = uow.outbox.of_task(notification.task_id)
    of_party = [one for one in earlier if one.widened_at is not None and one.party_id == notification.party_id]
    return any(not one.only or one.only == notification.only for one in of_party)


def _left(task: Task, part: Assignment | None, now: datetime) -> timedelta:
    """What is left of the time to accept; where none runs, as long as the duty gives for it."""
    due = part.accept_by if part is not None and part.state is AssignmentState.REQUESTED else None
    return due - now if due is not None and due > now else task.duty.tto
