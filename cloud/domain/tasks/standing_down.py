"""The work is called off: an officer cancels a task, a lead releases a helper. Neither is a result."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.refusals import Action
from cloud.domain.tasks.stand_down_refusals import releasable
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import checked, enter, permit
from cloud.errors import Invalid

_OPEN = frozenset({AssignmentState.REQUESTED, AssignmentState.ACCEPTED, AssignmentState.ARRIVED})


def cancel(task: Task, member: Member, now: datetime, *, permitted: bool) -> None:
    """Nothing is asked of anybody any more. Never life safety. What is raised later is a matter of its own."""
    permit(Action.CANCEL, task, member, now, cancels=permitted)
    call_off(task, now)


def call_off(task: Task, now: datetime) -> None:
    """Whoever may do so has said that it is no matter any more; of life safety that is an exercise and nothing else."""
    enter(task, TaskState.CANCELLED)
    task.closed_at, task.ladder, task.wish = now, task.ladder.rest(), None
    task.presume_at = task.others_at = task.muted = None
    task.deferred_until = task.pending_reason = task.held_since = None
    task.settle_dispute(now)
    for part in task.assignments:
        if part.works and part.state in _OPEN:
            _let_go(task, part, now)
    task.note_custody(now)


def release(task: Task, member: Member, party_id: str, now: datetime) -> Assignment:
    """The lead lets a helper go that was asked for help: nothing more is asked of it, and it may be asked again."""
    lead = checked(Action.RELEASE, task, member, now)
    part = task.part_of(party_id)
    if part is None or party_id not in releasable(task):
        known = ", ".join(releasable(task))
        raise Invalid(
            "Nobody was released.",
            [f"party: {party_id!r} is no helper whom the lead may let go; there is {known}"],
        )
    _let_go(task, part, now)
    if lead.handing_to == party_id:
        lead.handing_to = None
    task.shows_work(lead.party_id, now)
    return part


def keep_out(task: Task, register: Register, now: datetime) -> list[str]:
    """It burns there now: the part of whoever never enters there is over. Gives those who may be on their way."""
    found = []
    for part in task.assignments:
        if part.role is not AssignmentRole.SUPPORT or not register.party(part.party_id).keeps_out(task.hazard):
            continue
        if part.engaged or part.state is AssignmentState.EXPIRED:
            found.append(part.party_id)
        if part.engaged:
            _let_go(task, part, now)
        else:
            part.role = AssignmentRole.OBSERVER  # what was declined or done is not asked again, nor accepted late
    return found


def _let_go(task: Task, part: Assignment, now: datetime) -> None:
    for call in task.open_calls(part.party_id):
        call.released_at = now
    part.release(now)
    part.objected_at = part.bound_by = None
