"""How a task came to its end, in one word: what a matter that is over is searched by."""

from __future__ import annotations

from enum import StrEnum

from cloud.domain.tasks.task import ResolutionReason, Task, TaskState


class Ending(StrEnum):
    """`verified`: closed with all that its duty asks for; `unverified`: closed because nobody judged it."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FALSE_ALARM = "false_alarm"
    MERGED = "merged"
    CANCELLED = "cancelled"


def ending(task: Task) -> Ending | None:
    """None while it is open. A false alarm that nobody bore out is unverified before it is anything else."""
    if task.state is not TaskState.CLOSED:
        return {TaskState.MERGED: Ending.MERGED, TaskState.CANCELLED: Ending.CANCELLED}.get(task.state)
    if task.unverified:
        return Ending.UNVERIFIED
    false = task.resolution is not None and task.resolution.reason is ResolutionReason.FALSE_ALARM
    return Ending.FALSE_ALARM if false else Ending.VERIFIED
