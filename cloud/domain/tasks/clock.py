"""Clocks on a task or an assignment: when something is due, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.work_calendar import WorkCalendar, after, between

AT_RISK: Final = 0.75
"""The share of its time after which a clock turns amber (iTop)."""


class ClockKind(StrEnum):
    TTO = "tto"
    TTR = "ttr"
    ACCEPT = "accept"
    ARRIVE = "arrive"
    FINISH = "finish"
    ARBITRATE = "arbitrate"


class ClockState(StrEnum):
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    MET = "met"


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit. Due times are data; `breach_noted_at` is when the breach was put on the record. While it is paused, since
    `paused_at`, it stands still; `held` is the time for which it did before, by which `due_at` moved. With a `calendar` all of its time is working time.
    """

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    breach_noted_at: datetime | None = None
    paused_at: datetime | None = None
    held: timedelta = timedelta()
    calendar: WorkCalendar | None = None

    @classmethod
    def start(cls, kind: ClockKind, now: datetime, limit: timedelta, calendar: WorkCalendar | None = None) -> Clock:
        return cls(kind, now, after(now, limit, calendar), calendar=calendar)

    def _between(self, start: datetime, end: datetime) -> timedelta:
        return between(start, end, self.calendar)

    def used(self, now: datetime) -> float:
        """Share of the limit used up: 0 at the start, 1 when due, more when late. All of it where a merger brought a deadline
        that was over before it started.
        """
        limit = self._between(self.started_at, self.due_at) - self.held
        elapsed = self._between(self.started_at, self._moment(now)) - self.held
        return max(elapsed / limit, 0.0) if limit > timedelta() else float(elapsed >= limit)

    def state(self, now: datetime) -> ClockState:
        """A clock met too late stays breached: that it was late is a fact."""
        if self._moment(now) >= self.due_at and self.met_at != self.due_at:
            return ClockState.BREACHED
        if self.met_at is not None:
            return ClockState.MET
        return ClockState.AT_RISK if self.used(now) >= AT_RISK else ClockState.ON_TRACK

    def _moment(self, now: datetime) -> datetime:
        return self.met_at or self.paused_at or now

    def pause(self, now: datetime) -> Clock:
        return self if self.met_at or self.paused_at else replace(self, paused_at=now)

    def go_on(self, now: datetime) -> Clock:
        """After a pause: what was left is left still."""
        if self.paused_at is None:
            return self
        if self.calendar is not None and self.due_at <= self.paused_at:
            # It was late before it was paused; in working time there is nothing left to move.
            return replace(self, paused_at=None)
        pause, left = self._between(self.paused_at, now), self._between(self.paused_at, self.due_at)
        return replace(self, due_at=after(now, left, self.calendar), held=self.held + pause, paused_at=None)

    def meet(self, now: datetime) -> Clock:
        """The first time it was met is the one that counts."""
        return self if self.met_at else replace(self.go_on(now), met_at=now)

    def no_later_than(self, other: Clock) -> Clock:
        """With the earlier of the two deadlines; one that was met keeps its own."""
        return self if self.met_at else replace(self, due_at=min(self.due_at, other.due_at))

    def note_breach(self, now: datetime) -> Clock:
        return replace(self, breach_noted_at=now)

    @property
    def next_due(self) -> datetime | None:
        """When somebody has to look at it next; nothing once it was met or its breach was noted."""
        return None if self.met_at or self.breach_noted_at or self.paused_at else self.due_at
