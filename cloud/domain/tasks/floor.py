"""The safety floor: what one person may do alone, and what nothing may do by itself (governance.md, Verification)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Member
from cloud.domain.tasks.assignment import Assignment
from cloud.domain.tasks.refusals import Action, Refusal, forbidden, not_now
from cloud.domain.tasks.task import ResolutionReason, Task
from cloud.domain.tasks.witness import Mute, Photo
from cloud.errors import Conflict, NotAllowed

MUTED_FOR: Final = timedelta(minutes=15)


def floor_refusal(action: Action, task: Task, member: Member, part: Assignment) -> Refusal | None:
    """Why not, of the deeds that the floor knows; None for all others."""
    if action is Action.CHECK:
        return _check_refusal(task, member)
    if action is Action.MUTE:
        return _mute_refusal(task, part, member)
    if action is Action.RESOLVE:
        return _claim_refusal(task, part, member)
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


def _mute_refusal(task: Task, part: Assignment, member: Member) -> Refusal | None:
    if not task.life_safety:
        return not_now("只有危及生命的报警会鸣响", "Nothing sounds for this: only life safety does.")
    if not part.has_there(member.id):
        return forbidden(
            "只有本人到场方可消音，请先报告到场",
            "Only somebody on site may mute the sounder: say that you have arrived first, yourself.",
        )
    if task.muted is not None:
        return not_now("已消音", "It is muted already, and sounds again by itself.")
    return None


def _claim_refusal(task: Task, part: Assignment, member: Member) -> Refusal | None:
    """The lead claims that it is resolved; whoever else is on site, where life is at stake, that it was a false alarm."""
    if part is task.lead or (task.life_safety and part.has_there(member.id)):
        return None
    return forbidden(
        "报告处置完成属于牵头单位；协办单位请报告完成本单位部分",
        "Whether the matter is resolved is the lead's to say: your party supports, so finish its own part, or add a note.",
    )


def mute(task: Task, member: Member, now: datetime) -> Mute:
    """Quiet for 15 minutes; it sounds again by itself, and at once when something new is raised. It pages on."""
    task.muted = Mute(member.id, member.party_id, now, now + MUTED_FOR)
    return task.muted


def unmute(task: Task) -> bool:
    """Whether it was muted."""
    was, task.muted = task.muted is not None, None
    return was


def _taken_there(part: Assignment, photo: Photo) -> bool:
    """Whether it can show what was found: what was taken before anybody of the party was there shows something else."""
    return part.arrived_at is not None and photo.at >= part.arrived_at


_SEEN_TO: Final = frozenset({ResolutionReason.FIXED, ResolutionReason.MITIGATED})


def require_proof(task: Task, part: Assignment, member: Member, reason: ResolutionReason) -> None:
    """Where life is at stake one person on site says that there is nothing to be done, with a photo that they took there
    themselves since it began. Whoever supports may claim no more than that. Raises NotAllowed, Conflict.
    """
    if part is not task.lead and reason is not ResolutionReason.FALSE_ALARM:
        raise NotAllowed(
            f"From the site your party may claim a false alarm; that it is {reason} is the lead's to say.",
            "协办单位在现场只能报告误报，其他结论由牵头单位报告",
        )
    if not task.life_safety or task.mode != "real" or reason in _SEEN_TO:
        return
    if not part.has_there(member.id):
        raise Conflict(
            f"Where life is at stake {reason} is claimed by somebody on site: go there yourself, start or arrive, and look.",
            "危及生命的报警须由本人到场查看后才能如此报告",
        )
    if not any(photo.by == member.id and _taken_there(part, photo) for photo in task.photos):
        raise Conflict(
            f"Where life is at stake {reason} is claimed with a photo of what you found there: add a new one, then claim it.",
            "危及生命的报警须附本人到场后拍摄的照片方可如此报告",
        )
