"""When time alone changes something about a task."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.tasks import part_clocks
from cloud.domain.tasks.second_look import contradiction_at, look_at
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.verification import self_clear_at, settles_at, unverified_at


def next_due(task: Task) -> datetime | None:
    """The next moment at which time alone changes something here; None when time has nothing to do with it."""
    dues: list[datetime | None] = [self_clear_at(task), settles_at(task), unverified_at(task)]
    dues.append(task.muted.until if task.muted else None)
    if task.state is TaskState.PENDING:
        dues.append(task.deferred_until)
    elif task.state is TaskState.RESOLVED:
        dues += [task.ladder.due_at, task.others_at, look_at(task), contradiction_at(task)]
    elif task.undone:
        dues += [task.tto.next_due, task.ttr.next_due, task.ladder.due_at, task.presume_at, task.others_at]
        if task.hidden_since is None:
            dues += [task.remind_at, task.decay_at]
            dues += [task.level_due, *map(part_clocks.next_due, task.assignments)]
            dues.append(task.arbitration.clock.next_due if task.arbitration and task.arbitration.open else None)
    return min((due for due in dues if due is not None), default=None)
