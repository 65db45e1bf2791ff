"""Somebody says that they go and look after what is claimed: the others are left in peace meanwhile, for a bounded time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Member
from cloud.domain.tasks.refusals import Action, Refusal, forbidden, not_now
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.verification import unseen
from cloud.domain.tasks.witness import Look

LIFE_WAITS: Final = timedelta(hours=1)
"""How long promises may keep the others from being asked where life is at stake, however many are made of one claim."""

WAITS: Final = timedelta(days=1)
"""How long one may otherwise: nobody is asked more often there."""


def look_refusal(action: Action, task: Task, member: Member, now: datetime) -> Refusal | None:
    """Why this member may not promise to look, or take that back."""
    mine = [look for look in task.looks if look.member_id == member.id and under_way(task, look)]
    if action is Action.CANNOT_LOOK:
        return None if mine else not_now("您没有答应前往核验", "You have not said that you go and look.")
    if member.id in task.workers:
        return forbidden("处置人不能独自核验", "Who did the work never verifies it alone: another person must look.")
    if not unseen(task):
        return not_now("无需再派人核验", "Nobody needs to go and look: a second person has.")
    if going(task, now) is not None:
        return not_now("已有人前往核验", "Somebody goes and looks already.")
    return None


def under_way(task: Task, look: Look) -> bool:
    """Whether it is about what is claimed now, and neither taken back nor over."""
    return look.ended_at is None and _of_claim(task, look)


def _of_claim(task: Task, look: Look) -> bool:
    return task.resolved_at is not None and look.at >= task.resolved_at


def going(task: Task, now: datetime) -> Look | None:
    """Who goes and looks now."""
    return next((look for look in task.looks if under_way(task, look) and look.until > now), None)


def paused_until(task: Task) -> datetime | None:
    """Until when nobody else is asked to look, because somebody goes."""
    return max((look.until for look in task.looks if under_way(task, look)), default=None)


def promise(task: Task, member: Member, now: datetime) -> Look:
    """The member goes and looks: the others are asked again when the limit to be on site is over and nobody has verified
    it. No chain of promises silences what life depends on: together they last `LIFE_WAITS` at most.
    """
    told = [look for look in task.looks if _of_claim(task, look)]
    limit = task.duty.arrive or task.duty.ttr
    until = task.duty.after(now, limit)
    latest = min((look.at for look in told), default=now) + LIFE_WAITS if task.life_safety else now + WAITS
    until = max(now, min(until, latest))
    # Of a promise that pauses nothing any more it is known that it was made, and no more.
    look = Look(member.id, member.party_id, now, until, ended_at=None if until > now else now)
    task.looks = (*told, look)
    return look


def take_back(task: Task, member: Member, now: datetime) -> None:
    """The member cannot go after all: the others are asked at once."""
    task.looks = tuple(
        replace(look, ended_at=now, taken_back=True) if look.member_id == member.id and under_way(task, look) else look
        for look in task.looks
    )


def lapse(task: Task, now: datetime) -> tuple[str, ...]:
    """The parties whose people said that they go and have not verified it in time; each is named once."""
    late = [look for look in task.looks if under_way(task, look) and look.until <= now]
    task.looks = tuple(replace(look, ended_at=now) if look in late else look for look in task.looks)
    return tuple(dict.fromkeys(look.party_id for look in late))


def excused(task: Task) -> frozenset[str]:
    """The members who said that they cannot go, of what is claimed now."""
    return frozenset(look.member_id for look in task.looks if look.taken_back and _of_claim(task, look))
