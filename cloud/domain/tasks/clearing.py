"""Whoever obstructs an exit is asked to clear it; where they refuse, who may make them is called now and not after the limit."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloud.domain.tasks.assignment import Assignment
from cloud.domain.tasks.refusals import Refusal, forbidden, not_now
from cloud.domain.tasks.task import Task

DISSUADED: Final = frozenset({"fire.exit-obstructed"})
"""Hazards that people make and are talked out of (Fire Protection Law art. 28; to be confirmed locally)."""


def refused_refusal(task: Task, part: Assignment) -> Refusal | None:
    """Why a party that works on it may not say that it is refused to clear it."""
    if task.hazard not in DISSUADED:
        return not_now("此类事件无人可拒绝清理", "There is nobody here who could refuse to clear it.")
    if not part.joined:
        return forbidden(
            "请先响应（接受），再说明对方拒绝清理", "Acknowledge first: whoever talked to them says that they refuse."
        )
    if task.refused_at is not None:
        return not_now("已上报对方拒绝清理", "It was said already, and who may make them was called.")
    return None


def refused(task: Task, now: datetime) -> bool:
    """They refuse. Whether a step of the ladder that waits for the closing is left: then it is due now."""
    task.refused_at = now
    task.ladder, left = task.ladder.bring_closing_forward(task.duty.ladder, now)
    return left
