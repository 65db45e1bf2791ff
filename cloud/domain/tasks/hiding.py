"""A task whose matter is hidden by its cause: nobody is asked, so nothing lapses; once it is seen again, all goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState

_NO_CAUSE: Final = frozenset({ResolutionReason.FALSE_ALARM, ResolutionReason.NOT_ACTIONABLE})


def doubted(task: Task) -> bool:
    """Whether somebody says that its alarm is none, although it goes on: where life is at stake that is a person on site. Such
    an alarm explains nothing else any more; what it hid is a matter of its own.
    """
    return task.state is TaskState.RESOLVED and task.resolution is not None and task.resolution.reason in _NO_CAUSE


def hide(task: Task, now: datetime) -> None:
    """Requests, arbitration and the end of the ladder wait; limits of the task run on. Life safety is never hidden."""
    if not task.life_safety and task.hidden_since is None:
        task.hidden_since = now


def show(task: Task, now: datetime) -> None:
    """What was left of each request is left still, and the ladder calls from now on: the steps that came due meanwhile
    were passed.
    """
    since, task.hidden_since = task.hidden_since, None
    if since is None:
        return
    for part in task.assignments:
        if part.state is AssignmentState.REQUESTED:
            part.postpone(since, now, task.duty.calendar)
        if part.lead_by is not None:
            part.lead_by += now - since
    if task.arbitration is not None and task.arbitration.open:
        task.arbitration = task.arbitration.postponed(since, now)
    if task.next_level_at is not None:
        task.next_level_at += now - since
    called = task.ladder.due_at is not None or any(task.ladder.taken)
    if task.state is TaskState.NEW and called:
        task.ladder = task.ladder.resume(task.duty.ladder, now)
