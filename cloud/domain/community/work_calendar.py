"""Working time: a limit that runs in working hours only, computed on the instants at which each day's hours begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.public_days import DEFAULT_DAYS, DayRule, PublicDays
from cloud.errors import Invalid

_DAY: Final = timedelta(days=1)
_FARTHEST: Final = 20 * 366
"""Days ahead after which a limit is taken for a mistake."""


class Running(StrEnum):
    """When the clocks of a duty run."""

    ALWAYS = "always"
    WORKING_DAYS = "working-days"
    WORKING_HOURS = "working-hours"


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When a wall clock in that zone shows this, in UTC: the first time where it does twice; where the hour is left
    out, as long after the change as it would have been before it (PEP 495).
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days from `start` to `end` by the wall clock of `time_zone`; both midnight: the whole day."""

    time_zone: str
    days: PublicDays = DEFAULT_DAYS
    start: time = time(0)
    end: time = time(0)

    def windows(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of working time that end after that moment, in order, in UTC. Never overlapping; without end."""
        zone = ZoneInfo(self.time_zone)
        day = moment.astimezone(zone).date() - _DAY
        for _ in range(_FARTHEST):
            begins, ends = self._hours(day, zone)
            if ends > max(begins, moment):
                yield begins, ends
            day += _DAY

    def deadline(self, start: datetime, limit: timedelta) -> datetime:
        """When `limit` of working time has passed since `start`, in UTC. Never earlier than `start + limit`."""
        left, reached = limit, start.astimezone(UTC)
        if left <= timedelta():
            return reached
        for begins, ends in self.windows(start):
            begins = max(begins, start)  # noqa: PLW2901 - what lies before the start does not count
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
        raise Invalid(
            "A limit in working time is never reached.",
            [f"limit {limit}: shorten it, or give the calendar working days in the years to come"],
        )

    def begun(self, end: datetime, span: timedelta) -> datetime:
        """The latest moment from which `span` of working time passes until `end`, in UTC: a deadline looked at backwards."""
        left, zone = span, ZoneInfo(self.time_zone)
        day = end.astimezone(zone).date()
        for _ in range(_FARTHEST if left > timedelta() else 0):
            begins, ends = self._hours(day, zone)
            ends = min(ends, end)
            if ends - begins >= left:
                return ends - left
            left -= max(ends - begins, timedelta())
            day -= _DAY
        return end.astimezone(UTC)

    def _hours(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When that day's hours begin and end; at once where nobody works."""
        begins = instant(day, self.start, zone)
        if not self.days.fits(DayRule.WORKDAYS, day):
            return begins, begins
        return begins, max(begins, instant(day if self.end > self.start else day + _DAY, self.end, zone))

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; negative when they are the other way round."""
        if end < start:
            return -self.worked(end, start)
        total = timedelta()
        for begins, ends in self.windows(start):
            if begins >= end:
                break
            total += min(ends, end) - max(begins, start)
        return total


def after(moment: datetime, span: timedelta, calendar: WorkCalendar | None) -> datetime:
    """That long after a moment, in working time where a calendar is given."""
    return moment + span if calendar is None else calendar.deadline(moment, span)


def between(start: datetime, end: datetime, calendar: WorkCalendar | None) -> timedelta:
    """The time between two moments, in working time where a calendar is given."""
    return end - start if calendar is None else calendar.worked(start, end)
