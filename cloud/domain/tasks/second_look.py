"""A claim that it is done silences nothing: a second person is asked to look, again and again, and a sensor may contradict."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.domain.duties.duty import Need
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.promised_look import paused_until
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.domain.tasks.transitions import begin_again
from cloud.domain.tasks.verification import contradicted, ticks, unseen

LIFE_AGAIN: Final = timedelta(minutes=5)
"""How often people are asked to look where life is at stake, until somebody has."""

AGAIN: Final = timedelta(days=1)
"""How often they are reminded of everything else that is missing."""

SHORTEST: Final = timedelta(minutes=1)
"""How long a sensor may go on firing after a claim before it contradicts it, whatever the duty says: it takes a moment
to be reset."""

_DONE: Final = frozenset({ResolutionReason.FIXED, ResolutionReason.MITIGATED})
"""Claims that a sensor contradicts which goes on firing. That it fires is what the others say of it themselves."""

_COMES: Final = frozenset(
    {AssignmentState.REQUESTED, AssignmentState.ACCEPTED, AssignmentState.ARRIVED, AssignmentState.DONE}
)


def _since_claim(task: Task, moment: datetime | None) -> datetime | None:
    """The moment, where it concerns what is claimed now."""
    known = moment is not None and task.resolved_at is not None and moment >= task.resolved_at
    return moment if known else None


def look_at(task: Task) -> datetime | None:
    """When people are asked next to look after what is claimed, and not while one of them goes; None where nothing is."""
    if task.state is not TaskState.RESOLVED or task.resolved_at is None:
        return None
    last = _since_claim(task, task.look_asked_at) or task.resolved_at
    again = last + (LIFE_AGAIN if task.life_safety and unseen(task) else AGAIN)
    paused = paused_until(task) if unseen(task) else None
    return paused or again


def to_ask(task: Task, now: datetime) -> tuple[str, ...]:
    """The parties that are to do something about the claim, and that they were asked is kept: where a second person has
    yet to look those with work in it, other than who claimed it, or that one's colleagues where there is nobody else; else
    who is responsible, where more is missing than a reporter's word. Where life is at stake and nobody came when asked
    before, everybody with work in it.
    """
    asked_before = _since_claim(task, task.look_asked_at) is not None
    task.look_asked_at = now
    if not unseen(task):
        missing = {tick.need for tick in ticks(task, now) if not tick.done}
        waits = missing == {Need.REPORTER} or (missing == {Need.SENSOR} and not contradicted(task))
        return () if waits else (task.responsible_id,)
    claimant = task.resolution.party_id if task.resolution else None
    able = [part.party_id for part in task.assignments if part.works and part.state in _COMES]
    others = [party for party in able if party != claimant]
    if claimant is None:
        return tuple(able) or (task.responsible_id,)
    return tuple(others if others and not (asked_before and task.life_safety) else [*others, claimant])


def contradiction_at(task: Task) -> datetime | None:
    """When a sensor that goes on firing contradicts what is claimed to be done; once for each claim."""
    reason = task.resolution.reason if task.resolution else None
    claimed = task.state is TaskState.RESOLVED and task.resolved_at is not None and reason in _DONE
    if not claimed or not contradicted(task) or _since_claim(task, task.contradicted_at) or task.resolved_at is None:
        return None
    return task.resolved_at + max(task.duty.resolve_delay, SHORTEST)


def contradict(task: Task, now: datetime) -> bool:
    """A sensor contradicts the claim: where life is at stake it begins again. Whether it did."""
    task.contradicted_at = now
    if task.life_safety:
        begin_again(task, now)
    return task.life_safety
