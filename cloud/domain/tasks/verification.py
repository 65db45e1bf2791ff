"""What closing a task needs, and what of it is there: the ticks on its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.domain.duties.duty import Need
from cloud.domain.tasks.task import ResolutionReason, Task
from cloud.domain.tasks.witness import Stage


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


def needs_of(task: Task) -> frozenset[Need]:
    """What closing this task needs: what the duty asks, and beyond it what the safety floor does.

    Life safety is never closed by one person. An alarm that its node lost track of will never be quiet, so its sensor is
    not asked where nothing else fires. Without a quiet sensor or a reporter to bear witness, or where a person has
    contradicted the sensor, nobody but a second person can: who did the work never verifies it alone.
    """
    needs = set(task.duty.needs)
    reason = task.resolution.reason if task.resolution else None
    lost = task.track_lost and task.quiet_since is not None
    if lost or not task.sensed or (reason in WITHOUT_SENSOR and not task.life_safety):
        needs.discard(Need.SENSOR)
    if not task.reports or task.life_safety:
        # Where life is at stake a reporter who cannot be reached must not keep it open for ever; a second person closes it.
        needs.discard(Need.REPORTER)
    else:
        needs.add(Need.REPORTER)
    if task.life_safety or task.contested or not needs:
        needs.add(Need.INDEPENDENT)
    return frozenset(needs)


def ticks(task: Task, now: datetime) -> tuple[Tick, ...]:
    """The verification ticks, so that one can see what is missing."""
    made = {check.need: check.at for check in task.checks}
    found: list[Tick] = []
    for need in sorted(needs_of(task)):
        if need is Need.SENSOR:
            ready = None if task.quiet_since is None else task.quiet_since + task.duty.resolve_delay
            found.append(Tick(need, ready is not None and ready <= now, ready))
        elif need is Need.REPORTER:
            found.append(Tick(need, task.satisfied, task.judgements[-1].at if task.satisfied else None))
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
