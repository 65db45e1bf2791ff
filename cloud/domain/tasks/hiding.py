"""A task whose matter is hidden by its cause: nobody is asked, so nothing lapses; once it is seen again, all goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloud.domain.tasks.asking import wait_longer_for_lead
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState

_NO_CAUSE: Final = frozenset({ResolutionReason.FALSE_ALARM, ResolutionReason.NOT_ACTIONABLE})


def doubted(task: Task) -> bool:
    """Whether somebody says that its alarm is none, although it goes on: where life is at stake that is a person on site. Such
    an alarm explains nothing else any more; what it hid is a matter of its own.
    """
    return task.state is TaskState.RESOLVED and task.resolution is not None and task.resolution.reason in _NO_CAUSE


def in_hand(task: Task) -> bool:
    """Whether somebody is asked about it still, and nobody doubts it. Only then does it hide what it explains: whatever is
    hidden by a matter that is over waits for nobody.
    """
    return task.open and not doubted(task)


def hide(task: Task, now: datetime) -> None:
    """Requests, acknowledgements, arbitration and the end of the ladder wait; limits of the task run on. Life safety is
    never hidden.
    """
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
        wait_longer_for_lead(task, part, since, now)
    if task.active_at is not None:
        task.active_at += now - max(since, task.active_at)
    if task.arbitration is not None and task.arbitration.open:
        asked = max(since, task.arbitration.clock.started_at)
        task.arbitration = task.arbitration.postponed(asked, now)
    if task.next_level_at is not None and task.next_level_at > now:
        task.next_level_at += now - since
    called = task.ladder.due_at is not None or any(task.ladder.taken)
    if task.state is TaskState.NEW and called:
        task.ladder = task.ladder.resume(task.duty.ladder, now)
        if task.ladder.due_at is None:
            task.next_level_at = task.next_level_at or now
