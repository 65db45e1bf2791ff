"""How a party steps aside: it puts a task on hold, declines its part, or hands the lead over. None of it resets a clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.party import Member, Party
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.asking import NewId, hand_on
from cloud.domain.tasks.assignment import Assignment, AssignmentRole
from cloud.domain.tasks.custody import Passing
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import checked, end_hold, enter, reinstated
from cloud.errors import Invalid

LONGEST_HOLD: Final = timedelta(days=90)
CANNOT_COME: Final = "cannot_come"
"""The one tap by which a party declines where life is at stake; everywhere else it cites the duty or rule."""


def hold(task: Task, member: Member, reason: str, until: datetime, now: datetime) -> None:
    """The lead waits for something that its duty lets it wait for; the clock is paused until then, at the latest."""
    checked(Action.HOLD, task, member, now)
    problems = []
    if reason not in task.duty.pause_reasons:
        problems.append(f"reason: this duty lets one wait for {', '.join(task.duty.pause_reasons)}, not {reason!r}")
    if not now < until <= now + LONGEST_HOLD:
        problems.append(f"until: give a time from now on, at most {LONGEST_HOLD.days} days ahead")
    if problems:
        raise Invalid("The task was not put on hold.", problems)
    enter(task, TaskState.PENDING)
    task.pending_reason, task.deferred_until, task.held_since = reason, until, now
    task.ttr = task.ttr.pause(now)


class Outcome(StrEnum):
    """What became of a part that was declined or not answered. `LEAD_WANTED`: another lead has to be found; `OBJECTED`:
    it binds the party, so whoever bound it judges first.
    """

    LEFT = "left"
    LEAD_WANTED = "lead_wanted"
    OBJECTED = "objected"


def decline(task: Task, member: Member, reason: str, now: datetime) -> Outcome:
    """The member's party gives its part back; who was named stays responsible until one has accepted. A party that was
    called with binding effect objects, citing the duty or rule, and keeps its part until that is judged.
    """
    part = checked(Action.DECLINE, task, member, now)
    if not reason:
        raise Invalid("The part was not declined.", ["basis: cite the duty or rule by which it is not yours"])
    if part.bound_by is None:
        return let_go(task, part, reason, now)
    if reason == CANNOT_COME:
        raise Invalid(
            "The part was not declined.",
            [
                f"basis: {part.bound_by!r} has called your party with binding effect; cite the duty or rule, and it decides"
            ],
        )
    part.objected_at = now
    for call in task.open_calls(part.party_id):
        call.objections += 1
    return Outcome.OBJECTED


def let_go(task: Task, part: Assignment, reason: str, now: datetime) -> Outcome:
    """The part is declined, as its party asked."""
    led = part.joined and part.role is AssignmentRole.LEAD
    _end_offers_to(task, part)
    part.decline(reason, now)
    part.bound_by = None
    for call in task.open_calls(part.party_id):
        call.declined_at = now
    return _left(task, part, Passing.DECLINED, now, led=led)


def expire(task: Task, part: Assignment, now: datetime) -> Outcome:
    """No answer came in time, which counts as a decline. It may still be accepted: late help is help."""
    _end_offers_to(task, part)
    part.expire(now)
    for call in task.open_calls(part.party_id):
        call.expired_at = now
    return _left(task, part, Passing.EXPIRED, now, led=False)


def leave_lead(task: Task, part: Assignment, now: datetime) -> Outcome:
    """A party that had joined was asked to lead as well, and did not say that it would; it stays joined."""
    _end_offers_to(task, part)
    part.lead_by = None
    task.note_bounce(part.party_id, Passing.EXPIRED, now)
    return Outcome.LEFT if task.lead.joined else Outcome.LEAD_WANTED


def _end_offers_to(task: Task, part: Assignment) -> None:
    for other in task.assignments:
        if other.handing_to == part.party_id:
            other.handing_to = None
            part.role = AssignmentRole.SUPPORT


def _left(task: Task, part: Assignment, how: Passing, now: datetime, *, led: bool) -> Outcome:
    if part.role is not AssignmentRole.LEAD:
        return Outcome.LEFT
    task.note_bounce(part.party_id, how, now)
    if led:
        reinstated(task)
    if task.lead.joined:
        task.note_custody(now)
        return Outcome.LEFT
    if led:
        end_hold(task, now)
        if task.state is not TaskState.NEW:
            enter(task, TaskState.NEW)
        task.active_at = task.reminded_at = None
        task.ladder = task.ladder.resume(task.duty.ladder, now)
    task.note_custody(now)
    return Outcome.LEAD_WANTED


def offer(task: Task, member: Member, party: Party, now: datetime, new_id: NewId) -> Assignment:
    """The lead asks another party to take over, and answers for the task until that one has accepted."""
    part = checked(Action.TRANSFER, task, member, now)
    if party.id == part.party_id:
        raise Invalid("Nothing was handed over.", ["to: name another party than your own"])
    hand_on(task, party.id, now, new_id)
    part.handing_to = party.id
    task.shows_work(part.party_id, now)
    return part
