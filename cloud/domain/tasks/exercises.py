"""An exercise that turns out to be real: the task goes on, and now it counts."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.tasks import fire
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import begin_again
from cloud.errors import Conflict


def turn_real(task: Task, now: datetime) -> None:
    """Whoever has answered has answered; what was passed over for the drill is not any more."""
    if task.mode == "real" or not task.open:
        raise Conflict("This is no exercise that is under way.", "不是进行中的演练")
    task.mode = "real"
    if task.state is TaskState.RESOLVED:
        begin_again(task, now)
    else:
        task.restart_clocks(now)
        if task.lead.joined:
            task.tto = task.tto.meet(now)
    fire.await_word(task, now)
