"""The safety floor: what one person may do alone, and what nothing may do by itself (governance.md, Verification)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Member
from cloud.domain.tasks.assignment import Assignment, AssignmentState
from cloud.domain.tasks.refusals import Action, Refusal, forbidden, not_now
from cloud.domain.tasks.task import ResolutionReason, Task
from cloud.domain.tasks.witness import Mute
from cloud.errors import Conflict

MUTED_FOR: Final = timedelta(minutes=15)


def floor_refusal(action: Action, task: Task, member: Member, part: Assignment) -> Refusal | None:
    """Why not, of the deeds that the floor knows; None for all others."""
    if action is Action.CHECK:
        return _check_refusal(task, member)
    if action is Action.MUTE:
        return _mute_refusal(task, part)
    if action is Action.CONFIRM and task.others_at is None:
        return not_now("无待证实的居民报告", "No report waits to be confirmed: everybody has been called.")
    if action is Action.TURN_REAL and task.mode == "real":
        return not_now("本事件不是演练", "This is no exercise: it is real already.")
    return None


def _check_refusal(task: Task, member: Member) -> Refusal | None:
    if member.id in task.workers:
        return forbidden(
            "处置人不能独自核验", "Who did the work never verifies it alone: another person must check it."
        )
    if any(check.member_id == member.id for check in task.checks):
        return not_now("您已核验", "You have checked it already.")
    return None


def _mute_refusal(task: Task, part: Assignment) -> Refusal | None:
    if not task.life_safety:
        return not_now("只有危及生命的报警会鸣响", "Nothing sounds for this: only life safety does.")
    if part.state is not AssignmentState.ARRIVED:
        return forbidden("只有到场人员可以静音", "Only somebody on site may mute the sounder: arrive first.")
    if task.muted is not None:
        return not_now("已静音", "It is muted already, and sounds again by itself.")
    return None


def mute(task: Task, member: Member, now: datetime) -> Mute:
    """Quiet for 15 minutes; it sounds again by itself, and at once when something new is raised. It pages on."""
    task.muted = Mute(member.id, member.party_id, now, now + MUTED_FOR)
    return task.muted


def unmute(task: Task) -> bool:
    """Whether it was muted."""
    was, task.muted = task.muted is not None, None
    return was


def require_photo(task: Task, reason: ResolutionReason) -> None:
    """Where life is at stake one person claims a false alarm with a photo of what they saw. Raises Conflict."""
    if reason is ResolutionReason.FALSE_ALARM and task.life_safety and task.mode == "real" and not task.photos:
        raise Conflict(
            "A false alarm is claimed with a photo of what was found there: add one, then claim it.",
            "危及生命的报警须附现场照片方可报告为误报",
        )
