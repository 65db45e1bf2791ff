"""Who is on duty now and next: a pure function of a roster, a local moment and the public days.

Turns and shifts are compared as instants, not as wall times, so that the hour a change of clocks leaves out or repeats
neither skips a handoff nor makes one twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cloud.domain.community.public_days import PublicDays
from cloud.domain.community.roster import Roster, Rotation, Shift
from cloud.domain.community.work_calendar import instant

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which the same members are on duty, in UTC, up to before `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    members: tuple[str, ...]


def on_duty(roster: Roster, moment: datetime, zone: ZoneInfo, days: PublicDays) -> tuple[str, ...]:
    """The members on duty at that moment, each once, in the order in which the roster names them. Empty: nobody."""
    today = moment.astimezone(zone).date()
    found = [who for rotation in roster.rotations if (who := _turn(rotation, moment, today, zone, days))]
    for shift in roster.shifts:
        if _in_shift(shift, moment, today, zone, days):
            found += shift.members
    for override in roster.overrides:
        if not override.holds(moment):
            continue
        if override.replaces is None:
            found = list(override.members)
        elif override.replaces in found:
            found = _swapped(found, override.replaces, override.members)
    return tuple(dict.fromkeys(found))


def on_duty_of(rosters: Iterable[Roster], moment: datetime, zone: ZoneInfo, days: PublicDays) -> tuple[str, ...]:
    """The members on duty by any of several rosters of one party."""
    return tuple(dict.fromkeys(who for roster in rosters for who in on_duty(roster, moment, zone, days)))


def spells(
    rosters: Iterable[Roster], since: datetime, until: datetime, zone: ZoneInfo, days: PublicDays
) -> Iterator[Spell]:
    """Who is on duty from `since` to `until`, without gap: a spell with no members is a hole in coverage."""
    rosters = tuple(rosters)
    moments = sorted({since.astimezone(UTC), *_changes(rosters, since, until, zone)})
    open_spell: Spell | None = None
    for moment in moments:
        members = on_duty_of(rosters, moment, zone, days)
        if open_spell is None:
            open_spell = Spell(moment, until, members)
        elif members != open_spell.members:
            yield Spell(open_spell.starts_at, moment, open_spell.members)
            open_spell = Spell(moment, until, members)
    if open_spell is not None and open_spell.starts_at < until:
        yield Spell(open_spell.starts_at, until.astimezone(UTC), open_spell.members)


def _swapped(found: list[str], replaced: str, members: tuple[str, ...]) -> list[str]:
    at = found.index(replaced)
    return [*found[:at], *members, *(who for who in found[at + 1 :] if who != replaced)]


def _turn(rotation: Rotation, moment: datetime, today: date, zone: ZoneInfo, days: PublicDays) -> str | None:
    for day in (today + _DAY, today, today - _DAY):
        if instant(day, rotation.handoff, zone) <= moment:
            return rotation.on(day) if days.fits(rotation.only, day) else None
    return None


def _in_shift(shift: Shift, moment: datetime, today: date, zone: ZoneInfo, days: PublicDays) -> bool:
    for day in (today, today - _DAY):
        if not shift.holds(day) or not days.fits(shift.only, day):
            continue
        last = day if shift.end > shift.start else day + _DAY
        if instant(day, shift.start, zone) <= moment < instant(last, shift.end, zone):
            return True
    return False


def _changes(rosters: Iterable[Roster], since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every moment between two at which who is on duty may change, in UTC."""
    times: set[time] = set()
    for roster in rosters:
        times |= {rotation.handoff for rotation in roster.rotations}
        times |= {at for shift in roster.shifts for at in (shift.start, shift.end)}
        for override in roster.overrides:
            yield from (at for at in (override.starts_at, override.ends_at) if since < at < until)
    day, last = since.astimezone(zone).date() - _DAY, until.astimezone(zone).date() + _DAY
    while day <= last:
        yield from (moment for at in times if since < (moment := instant(day, at, zone)) < until)
        day += _DAY
