"""A week of rosters as people read it: party by party, day by day, who is on duty from when until when, and when nobody is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitsOfWork
from cloud.application.rosters.keeping import may_keep, register_for
from cloud.application.rosters.questions import PersonView, person_view
from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import Spell, spells
from cloud.domain.community.party import Party
from cloud.domain.community.public_days import NamedDay
from cloud.domain.community.roster import Roster
from cloud.domain.community.work_calendar import instant
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.errors import Invalid, NotFound

DAYS: Final = 7
_DAY: Final = timedelta(days=1)
FIRST: Final = date(1950, 1, 1)
LAST: Final = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class DayView:
    """A day by the estate's own calendar, from midnight to midnight. `named`: what it is, where that is not its weekday's."""

    day: date
    starts_at: datetime
    ends_at: datetime
    works: bool
    named: NamedDay | None


@dataclass(frozen=True, slots=True)
class StretchView:
    """Who is on duty in a part of a day; nobody in it is a gap."""

    starts_at: datetime
    ends_at: datetime
    members: Sequence[PersonView]


@dataclass(frozen=True, slots=True)
class RosterName:
    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class PartyWeek:
    """A party, by all its rosters together. `days`: what each day holds, in the week's order."""

    party_id: str
    names: Names
    rosters: Sequence[RosterName]
    days: Sequence[Sequence[StretchView]]

    @property
    def gaps(self) -> timedelta:
        """How long in this week nobody is on duty."""
        empty = (one for day in self.days for one in day if not one.members)
        return sum((one.ends_at - one.starts_at for one in empty), timedelta())


@dataclass(frozen=True, slots=True)
class Unrostered:
    """A party that keeps no roster: whoever acts for it is called, all of them. `may_keep`: the viewer could make one."""

    party_id: str
    names: Names
    people: int
    may_keep: bool


@dataclass(frozen=True, slots=True)
class WeekView:
    """`adjusted`: whether the worked weekends (调休) of these days' years are known; before, only the statutory holidays are."""

    days: Sequence[DayView]
    parties: Sequence[PartyWeek]
    unrostered: Sequence[Unrostered]
    adjusted: bool


class RosterWeek:
    """Raises NotFound where the viewer has no part in the estate or it has no such roster, Invalid for no week at all."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def week(self, estate: str, viewer: Identity, any_day: date, *, roster: str | None = None) -> WeekView:
        """The week, from Monday, in which that day lies. `roster`: of this one alone."""
        if not FIRST <= any_day <= LAST:
            raise Invalid("There is no such week.", [f"week: give a day between {FIRST} and {LAST}"])
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
        rosters = [one for one in register.rosters if roster in (None, one.id)]
        if roster is not None and not rosters:
            raise NotFound(f"There is no roster {roster!r} in this estate.", "没有这份值班表")
        days = list(_days(register, any_day - timedelta(days=any_day.isoweekday() - 1)))
        rostered = dict.fromkeys(one.party_id for one in rosters)
        return WeekView(
            days,
            [_party_week(register, one, [r for r in rosters if r.party_id == one], days) for one in rostered],
            [] if roster is not None else [_unrostered(register, one, viewer) for one in _without(register)],
            all(register.estate.days.adjusted(year) for year in {one.day.year for one in days}),
        )


def _days(register: Register, first: date) -> Iterator[DayView]:
    zone, calendar = ZoneInfo(register.estate.time_zone), register.estate.days
    named = {one.day: one for one in calendar.named(first, first + (DAYS - 1) * _DAY)}
    for number in range(DAYS):
        day = first + number * _DAY
        starts, ends = instant(day, time(), zone), instant(day + _DAY, time(), zone)
        yield DayView(day, starts, ends, calendar.is_workday(day), named.get(day))


def _party_week(register: Register, party_id: str, rosters: Sequence[Roster], days: Sequence[DayView]) -> PartyWeek:
    zone, calendar = ZoneInfo(register.estate.time_zone), register.estate.days
    found = list(spells(rosters, days[0].starts_at, days[-1].ends_at, zone, calendar))
    names = register.party(party_id).names
    kept = [RosterName(one.id, one.names) for one in rosters]
    return PartyWeek(party_id, names, kept, [list(_within(register, found, day)) for day in days])


def _within(register: Register, found: Sequence[Spell], day: DayView) -> Iterator[StretchView]:
    for spell in found:
        starts, ends = max(spell.starts_at, day.starts_at), min(spell.ends_at, day.ends_at)
        if starts < ends:
            known = (register.members.get(name) for name in spell.members)
            yield StretchView(starts, ends, [person_view(member) for member in known if member])


def _without(register: Register) -> list[Party]:
    """Parties of this estate with people and no roster."""
    here = [one for one in register.parties.values() if not one.external and register.seen_by(one)]
    return [one for one in here if not register.rosters_of(one.id) and callable_members(register, one.id)]


def _unrostered(register: Register, party: Party, viewer: Identity) -> Unrostered:
    may = may_keep(register, viewer.member, party.id)
    return Unrostered(party.id, party.names, len(callable_members(register, party.id)), may)
