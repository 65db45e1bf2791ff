"""What closing a task needs, and what of it is there: the ticks on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.duties.duty import Need
from cloud.domain.tasks.doubt import closes_at
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.domain.tasks.witness import Stage, Verdict

UNVERIFIED_AFTER: Final = timedelta(days=7)
"""A reporter who has not judged within it is waited for no longer (governance.md, Verification). Never life safety."""

SETTLED_AFTER: Final = timedelta(minutes=30)
"""A self-cleared task whose duty asks only for a quiet sensor is closed after this much further quiet."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that closing needs, and whether it is there. `at`: since when, or when the sensor's quiet will suffice."""

    need: Need
    done: bool
    at: datetime | None = None


WITHOUT_SENSOR: Final = frozenset(
    {
        ResolutionReason.FALSE_ALARM,
        ResolutionReason.DUPLICATE,
        ResolutionReason.NOT_ACTIONABLE,
        ResolutionReason.UNABLE_TO_FIX,
    }
)
"""Claims that a sensor which goes on firing does not contradict; a second person then takes its place (not for life safety)."""


_LOOKS: Final = frozenset({Need.SENSOR, Need.REPORTER, Need.INDEPENDENT})
"""What looks at the result and is not who did the work. Photos are shown by whoever has a part: they go with a look."""


def needs_of(task: Task) -> frozenset[Need]:
    """What closing this task needs: what the duty asks, and beyond it what the safety floor does.

    Life safety is never closed by one person. An alarm that its node lost track of will never be quiet, so its sensor is
    not asked where nothing else fires. Without a quiet sensor or a reporter to bear witness, where a person has
    contradicted the sensor, or where who reported it is who did the work, nobody but a second person can: who did the work
    never verifies it alone.
    """
    needs = set(task.duty.needs)
    reason = task.resolution.reason if task.resolution else None
    lost = task.track_lost and task.quiet_since is not None
    if lost or not task.sensed or (reason in WITHOUT_SENSOR and not task.life_safety):
        needs.discard(Need.SENSOR)
    heard = {one.report_id for one in task.judgements if one.claim == task.reopened_count and one.own}
    if task.life_safety or not set(task.reports) - heard:
        # Where life is at stake a reporter who cannot be reached must not keep it open for ever; a second person closes it.
        needs.discard(Need.REPORTER)
    else:
        needs.add(Need.REPORTER)
    if task.life_safety or task.contested or heard or not needs & _LOOKS:
        needs.add(Need.INDEPENDENT)
    return frozenset(needs)


def unseen(task: Task) -> bool:
    """Whether a second person has yet to look."""
    looked = any(check.need is Need.INDEPENDENT for check in task.checks)
    return task.state is TaskState.RESOLVED and Need.INDEPENDENT in needs_of(task) and not looked


def satisfied(task: Task) -> bool:
    """Whether a reporter has found what is claimed now to be good, who is another than those who did it."""
    now = [one for one in task.judgements if one.claim == task.reopened_count and not one.own]
    return task.resolved_at is not None and any(one.verdict is Verdict.GOOD for one in now)


def ticks(task: Task, now: datetime) -> tuple[Tick, ...]:
    """The verification ticks, so that one can see what is missing."""
    made = {check.need: check.at for check in task.checks}
    found: list[Tick] = []
    for need in sorted(needs_of(task)):
        if need is Need.SENSOR:
            ready = None if task.quiet_since is None else task.quiet_since + task.duty.resolve_delay
            found.append(Tick(need, ready is not None and ready <= now, ready))
        elif need is Need.REPORTER:
            good = satisfied(task)
            found.append(Tick(need, good, task.judgements[-1].at if good else None))
        elif need is Need.PHOTOS:
            stages = {photo.stage: photo.at for photo in task.photos}
            both = {Stage.BEFORE, Stage.AFTER} <= stages.keys()
            found.append(Tick(need, both, max(stages.values()) if both else None))
        else:
            found.append(Tick(need, need in made, made.get(need)))
    return tuple(found)


def complete(task: Task, now: datetime) -> bool:
    """Whether nothing is missing any more."""
    return all(tick.done for tick in ticks(task, now))


def self_clear_at(task: Task) -> datetime | None:
    """When quiet alone resolves it: where the duty trusts the sensor, and never for life safety, which goes on paging
    until a person has looked; nor what people saw, or said not to be over.
    """
    waits = task.state is TaskState.NEW and task.quiet_since is not None
    looked_at = task.life_safety or task.contested or bool(task.reports)
    if not waits or looked_at or Need.SENSOR not in task.duty.needs or task.quiet_since is None:
        return None
    return task.quiet_since + task.duty.resolve_delay


def settles_at(task: Task) -> datetime | None:
    """When a self-cleared task closes by itself. Never life safety, what people saw, nor where the duty wants a check."""
    cleared = task.resolution is not None and task.resolution.reason is ResolutionReason.SELF_CLEARED
    if task.life_safety or task.reports or not cleared:
        return None
    if task.state is not TaskState.RESOLVED or task.quiet_since is None:
        return None
    if not task.duty.needs <= {Need.SENSOR} or task.resolved_at is None:
        return None
    return closes_at(task, task.resolved_at + SETTLED_AFTER)


def contradicted(task: Task) -> bool:
    """Whether a sensor speaks against what is claimed."""
    return task.sensed and task.quiet_since is None


def unverified_at(task: Task) -> datetime | None:
    """When it closes because no reporter has answered: where nothing but their word is missing, for silence replaces no second
    person and no photo. Never life safety, nor while a sensor contradicts it.
    """
    if task.life_safety or task.state is not TaskState.RESOLVED or task.resolved_at is None or not task.reports:
        return None
    if contradicted(task) or satisfied(task) or Need.REPORTER not in needs_of(task):
        return None
    due = task.resolved_at + UNVERIFIED_AFTER
    if task.quiet_since is not None:
        due = max(due, task.quiet_since + task.duty.resolve_delay)
    missing = {tick.need for tick in ticks(task, due) if not tick.done}
    return closes_at(task, due) if missing == {Need.REPORTER} else None
