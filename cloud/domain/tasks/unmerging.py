"""A wrong merge is undone at a person's word: both tasks live, and no clock of either begins anew."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloud.domain.community.party import Member
from cloud.domain.tasks import fire
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.asking import limit
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import enter, permit
from cloud.errors import Conflict

_ANSWERED: Final = frozenset({AssignmentState.DONE, AssignmentState.DECLINED, AssignmentState.EXPIRED})


def unmerge(task: Task, into: Task, member: Member, now: datetime, *, whistles: bool) -> None:
    """`task`, which ended as merged into `into`, is worked on by itself again. What its clocks counted they have counted:
    the time in which it was merged among it. Who had accepted goes on; whoever was left without an answer is asked again.
    """
    permit(Action.UNMERGE, task, member, now, whistles=whistles)
    if into.state is TaskState.MERGED:
        raise Conflict(
            "What it was merged into was merged further: undo that merge first, then this one.",
            "目标事件已再次并入其他事件，请先撤销后一次合并",
        )
    assert task.closed_at is not None, f"task {task.id} is merged without a moment"
    merged_at = task.closed_at
    into.merged = tuple(one for one in into.merged if one not in (task.incident_id, *task.merged))
    task.workers |= _worked_meanwhile(task, into, merged_at)
    for part in task.assignments:
        _come_back(task, part, into, now)
    _calls_come_back(task, into)
    into.reports = tuple(one for one in into.reports if one not in task.reports)
    into.photos = tuple(one for one in into.photos if one not in task.photos)
    _live(task, into, merged_at, now)
    into.note_custody(now)


def _worked_meanwhile(task: Task, into: Task, merged_at: datetime) -> frozenset[str]:
    """Who of its parties came while the two were one: they worked on this one, too, and never verify it alone."""
    mine = {part.party_id for part in task.assignments}
    came = (one for one in into.assignments if one.party_id in mine and one.arrived_at and one.arrived_at >= merged_at)
    return frozenset().union(*(one.present for one in came))


def _come_back(task: Task, part: Assignment, into: Task, now: datetime) -> None:
    """A part as it was, or with what its party has answered meanwhile. Nobody has accepted *this* lead by answering for
    another task.
    """
    if not part.works:
        return
    moved = next((one for one in into.assignments if one.id == part.id), None)
    cut_off = part.state is AssignmentState.RELEASED and part.renounced_at == task.closed_at
    if moved is None or moved.role is AssignmentRole.LEAD:
        if cut_off:
            _go_on(task, part, now)
        return
    before = moved.assumed_at == part.assumed_at
    if moved.joined and (before or part.role is not AssignmentRole.LEAD):
        part.state, part.renounced_at = moved.state, None
        part.assumed_at, part.assumed_by, part.arrived_at = moved.assumed_at, moved.assumed_by, moved.arrived_at
        part.present = moved.present
    elif moved.state is AssignmentState.REQUESTED:
        part.state, part.renounced_at = AssignmentState.REQUESTED, None
    elif moved.state in _ANSWERED and part.role is not AssignmentRole.LEAD:
        part.state, part.done_at = moved.state, moved.done_at
        part.renounced_at, part.reason = moved.renounced_at, moved.reason
    elif cut_off:
        _go_on(task, part, now)
    if moved.joined or moved.state is AssignmentState.REQUESTED:
        moved.release(now)


def _go_on(task: Task, part: Assignment, now: datetime) -> None:
    """Who had accepted this very task before it was merged has accepted it; anybody else is asked again."""
    if part.assumed_at is not None:
        part.state = AssignmentState.ARRIVED if part.arrived_at else AssignmentState.ACCEPTED
        part.renounced_at = None
        return
    part.ask_again(now)
    limit(part, task.duty, now)


def _calls_come_back(task: Task, into: Task) -> None:
    """Calls that were made in it go back with what has become of them."""
    task.calls += [call for call in into.calls if call.task_id == task.id]
    into.calls = [call for call in into.calls if call.task_id != task.id]


def _live(task: Task, into: Task, merged_at: datetime, now: datetime) -> None:
    lead = task.lead
    at_work = lead.state is AssignmentState.ARRIVED
    enter(task, TaskState.IN_PROGRESS if at_work else TaskState.ACKNOWLEDGED if lead.joined else TaskState.NEW)
    # A hold ended with the merge; from then on its time has run.
    task.tto, task.ttr = task.tto.go_on(merged_at), task.ttr.go_on(merged_at)
    task.merged_into = task.closed_at = None
    task.ladder = task.ladder.aim(task.duty.ladder)
    if task.state is TaskState.NEW and task.ladder.due_at is None:
        task.next_level_at = now  # nobody is left on its ladder: the level above is asked
    if fire.presumable(task) and task.presumed_at is None and not fire.has_word(task):
        task.presume_at = task.opened_at + fire.WITHOUT_WORD
    if task.life_safety and task.mode == "real" and task.reports and not task.sensed:
        # Whether anybody but the property heard of it while it was merged is not known: everybody is called.
        task.others_at = into.others_at or now
    if lead.joined:
        task.shows_work(task.responsible_id, now)
    task.note_custody(now)
