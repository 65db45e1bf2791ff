"""Rosters: who of a party is on duty when - rotations, recurring shifts, and overrides of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from cloud.domain.community.faults import fault, under
from cloud.domain.community.names import Names
from cloud.domain.community.public_days import DayRule

MAX_PARTICIPANTS: Final = 64
MAX_PARTS: Final = 32
MAX_OVERRIDES: Final = 1000
LONGEST_TURN: Final = 366
"""Bounds of what one roster may hold, so that asking who is on duty stays cheap."""

EVERY_WEEKDAY: Final = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Rotation:
    """Members in turn: each for `every_days` days, handed over at `handoff` by the estate's wall clock.

    The first turn begins on `starts_on`. `only`: on which days anybody is on duty; a turn counts calendar days all the same.
    """

    participants: tuple[str, ...]
    starts_on: date
    handoff: time = time(8)
    every_days: int = 1
    only: DayRule = DayRule.EVERY_DAY

    def on(self, day: date) -> str | None:
        """Whose day it is, from the handoff of `day` to that of the next."""
        passed = (day - self.starts_on).days
        if passed < 0 or not self.participants:
            return None
        return self.participants[passed // self.every_days % len(self.participants)]


@dataclass(frozen=True, slots=True)
class Shift:
    """The same members every week. `days` are ISO weekdays; `end` not after `start` runs past midnight and belongs to the
    day it began. `since` and `until` are its first and last day, both included.
    """

    members: tuple[str, ...]
    start: time
    end: time
    days: frozenset[int] = EVERY_WEEKDAY
    only: DayRule = DayRule.EVERY_DAY
    since: date | None = None
    until: date | None = None

    def holds(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day <= self.until) and day.isoweekday() in self.days


@dataclass(frozen=True, slots=True)
class Override:
    """From `starts_at` until before `ends_at` these members are on duty: instead of `replaces` where that member would
    be, or instead of everybody. A later one is applied after an earlier one.
    """

    id: str
    starts_at: datetime
    ends_at: datetime
    members: tuple[str, ...]
    replaces: str | None = None
    note: str = ""

    def holds(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Roster:
    """Who of one party is on duty in one estate. `revision` grows with every change; `laid` says that the estate's file
    named it. `changed_at`: when it was last changed here; None where it stands as it was laid.
    """

    id: str
    estate: str
    party_id: str
    names: Names
    rotations: tuple[Rotation, ...] = ()
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()
    revision: int = 1
    laid: bool = False
    changed_at: datetime | None = field(default=None, compare=False)

    def people(self) -> frozenset[str]:
        """Every member it names."""
        turns = (member for rotation in self.rotations for member in rotation.participants)
        shifts = (member for shift in self.shifts for member in shift.members)
        overriding = (member for override in self.overrides for member in override.members)
        return frozenset((*turns, *shifts, *overriding))

    def with_override(self, override: Override) -> Roster:
        return replace(self, overrides=(*self.overrides, override))

    def without_override(self, override_id: str) -> Roster:
        return replace(self, overrides=tuple(o for o in self.overrides if o.id != override_id))


def laid_over(known: Iterable[Roster], named: Iterable[Roster]) -> tuple[Roster, ...]:
    """The rosters of an estate once its file is loaded anew: what it names holds as it says there, with the overrides
    that were made since; one that it no longer names goes; one that was made elsewhere stays.
    """
    before = {roster.id: roster for roster in known}
    found = {roster.id: roster for roster in before.values() if not roster.laid}
    for roster in named:
        old = before.get(roster.id)
        found[roster.id] = replace(roster, overrides=old.overrides, revision=old.revision + 1) if old else roster
    return tuple(found[name] for name in sorted(found))


def roster_problems(roster: Roster) -> Iterator[str]:
    """What is wrong with a roster by itself, each with its remedy."""
    about = ("roster", roster.id)
    if len(roster.rotations) + len(roster.shifts) > MAX_PARTS:
        yield fault("roster-parts", about, most=MAX_PARTS)
    if len(roster.overrides) > MAX_OVERRIDES:
        yield fault("roster-overrides", about, most=MAX_OVERRIDES)
    for number, rotation in enumerate(roster.rotations, 1):
        where = f"roster {roster.id!r}, rotation {number}: ", f"值班表 {roster.id!r} 轮值 {number}："
        yield from (under(problem, *where) for problem in _rotation_problems(rotation))
    for number, shift in enumerate(roster.shifts, 1):
        where = f"roster {roster.id!r}, shift {number}: ", f"值班表 {roster.id!r} 班次 {number}："
        yield from (under(problem, *where) for problem in _shift_problems(shift))
    for override in roster.overrides:
        yield from override_problems(override)


def _rotation_problems(rotation: Rotation) -> Iterator[str]:
    if not 1 <= len(rotation.participants) <= MAX_PARTICIPANTS:
        yield fault("participants", most=MAX_PARTICIPANTS)
    if not 1 <= rotation.every_days <= LONGEST_TURN:
        yield fault("turn-length", most=LONGEST_TURN, days=rotation.every_days)


def _shift_problems(shift: Shift) -> Iterator[str]:
    if not 1 <= len(shift.members) <= MAX_PARTICIPANTS:
        yield fault("shift-members", most=MAX_PARTICIPANTS)
    if not shift.days or not shift.days <= EVERY_WEEKDAY:
        yield fault("shift-days")
    if shift.since and shift.until and shift.until < shift.since:
        yield fault("shift-order")


def override_problems(override: Override, *, new: bool = False) -> Iterator[str]:
    """`new`: whoever reads them has just written it and knows no id of it."""
    about = None if new else ("override", override.id)
    if override.ends_at <= override.starts_at:
        yield fault("override-order", about)
    if override.ends_at - override.starts_at > timedelta(days=LONGEST_TURN):
        yield fault("override-long", about, most=LONGEST_TURN)
    if not 1 <= len(override.members) <= MAX_PARTICIPANTS:
        yield fault("override-members", about, most=MAX_PARTICIPANTS)
