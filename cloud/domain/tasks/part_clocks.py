"""The clocks of one party's part: to accept, to be on site, to finish; made of the facts that the part keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from cloud.domain.community.work_calendar import WorkCalendar
from cloud.domain.tasks.assignment import Assignment, AssignmentState
from cloud.domain.tasks.clock import Clock, ClockKind

_OWES_WORK = frozenset(
    {AssignmentState.REQUESTED, AssignmentState.ACCEPTED, AssignmentState.ARRIVED, AssignmentState.DONE}
)


def clocks_of(
    part: Assignment, paused_at: datetime | None = None, calendar: WorkCalendar | None = None
) -> tuple[Clock, ...]:
    """What runs, or ran, for this part. Who gave it back owes nothing any more; that no answer came in time stays.

    `paused_at`: since when its task is on hold; nothing runs meanwhile. `calendar`: the working time in which they run.
    """
    running = (replace(clock, calendar=calendar) for clock in _running(part))
    return tuple(clock if paused_at is None else clock.pause(paused_at) for clock in running)


def _running(part: Assignment) -> Iterator[Clock]:
    begun = part.limited_at or part.requested_at
    if part.accept_by is not None and (part.state in _OWES_WORK or part.state is AssignmentState.EXPIRED):
        yield Clock(ClockKind.ACCEPT, begun, part.accept_by, part.assumed_at)
    if part.state not in _OWES_WORK or part.assumed_at is None:
        return
    if part.arrive_by is not None:
        # Who did it without ever saying that they were there was there when it was done.
        yield Clock(ClockKind.ARRIVE, begun, part.arrive_by, part.arrived_at or part.done_at)
    if part.finish_by is not None:
        yield Clock(ClockKind.FINISH, part.finish_from or begun, part.finish_by, part.done_at)


def expires_at(part: Assignment) -> datetime | None:
    """When a request without an answer has expired. A limit that was over before it was asked anew has had its say."""
    asked = part.works and part.state is AssignmentState.REQUESTED
    return part.accept_by if asked and part.accept_by is not None and part.accept_by > part.requested_at else None


def unnoted(part: Assignment) -> Iterator[Clock]:
    """The limits of an accepted part whose breach, if it comes to one, is still to be put on the record."""
    if part.joined:
        for clock in _running(part):
            if clock.kind is not ClockKind.ACCEPT and clock.met_at is None and clock.kind not in part.noted:
                yield clock


def next_due(part: Assignment) -> datetime | None:
    """The next moment at which time alone changes something about this part."""
    dues = [clock.due_at for clock in unnoted(part)]
    dues += [due for due in (expires_at(part), part.lead_by) if due is not None]
    return min(dues, default=None)
