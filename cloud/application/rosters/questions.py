"""Who is on duty now and next, what a roster says, and which days are worked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.rosters.calendar_files import CalendarWriter, Edition
from cloud.application.rosters.keeping import may_keep, register_for
from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import Spell, spells
from cloud.domain.community.party import Member, Role
from cloud.domain.community.public_days import NamedDay
from cloud.domain.community.roster import Roster
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.register import Register
from cloud.errors import Invalid, NotFound

LOOKS_AHEAD: Final = timedelta(days=35)
FEED_BEFORE: Final = timedelta(days=7)
FEED_AFTER: Final = timedelta(days=92)
ASKED_WITHIN: Final = timedelta(days=5 * 366)
LONGEST_LIST: Final = 800
"""Days of holidays that one answer covers, at most."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A member as who they are in the party."""

    id: str
    names: Names
    role: Role


@dataclass(frozen=True, slots=True)
class SpellView:
    """Who is on duty from then until then; nobody in it is a hole in coverage."""

    starts_at: datetime
    ends_at: datetime
    members: Sequence[PersonView]


@dataclass(frozen=True, slots=True)
class OnDutyView:
    """Who of a party is called first at `at`, who after them, and who takes over when. `ground`: why these; `hole`: nobody
    is on its roster, or it has no people. `next` None: nothing changes within five weeks.
    """

    party_id: str
    names: Names
    at: datetime
    ground: Ground
    hole: bool
    first: Sequence[PersonView]
    then: Sequence[PersonView]
    next: SpellView | None


@dataclass(frozen=True, slots=True)
class RosterView:
    """A roster as it stands, who is on duty by it now and next, and whether the viewer may change it."""

    roster: Roster
    now: SpellView
    next: SpellView | None
    may_change: bool


@dataclass(frozen=True, slots=True)
class HolidaysView:
    """Days that are not what their weekday says. `adjusted`: by year, whether the worked weekends (调休) are known yet."""

    region: str
    days: Sequence[NamedDay]
    adjusted: dict[int, bool]


class RosterQuestions:
    """Raises NotFound where the viewer has no part in the estate, or there is no such thing in it."""

    def __init__(self, units: UnitsOfWork, clock: Clock, writer: CalendarWriter) -> None:
        self._units, self._clock, self._writer = units, clock, writer

    def rosters(self, estate: str, viewer: Identity) -> list[RosterView]:
        register = self._register(estate, viewer)
        return [self._view(register, roster, viewer) for roster in register.rosters]

    def roster(self, estate: str, roster_id: str, viewer: Identity) -> RosterView:
        register = self._register(estate, viewer)
        return self._view(register, _roster(register, roster_id), viewer)

    def on_duty(self, estate: str, party_id: str, viewer: Identity, at: datetime | None = None) -> OnDutyView:
        now = self._clock.now()
        register, moment = self._register(estate, viewer), at or now
        if abs(moment - now) > ASKED_WITHIN:
            raise Invalid("Nobody can say who is on duty then.", ["at: give a moment within five years of now"])
        party = register.parties.get(party_id)
        if party is None:
            raise NotFound(f"There is no party {party_id!r} in this estate.", "本小区没有这个单位")
        found = reach(register, party_id, moment)
        rosters = register.rosters_of(party_id)
        _, following = self._around(register, rosters, moment) if rosters else (None, None)
        return OnDutyView(
            party_id=party_id,
            names=party.names,
            at=moment,
            ground=found.ground,
            hole=found.hole,
            first=[person_view(member) for member in found.first],
            then=[person_view(member) for member in found.then],
            next=following,
        )

    def holidays(self, estate: str, viewer: Identity, first: date, last: date) -> HolidaysView:
        if not timedelta() <= last - first <= timedelta(days=LONGEST_LIST):
            raise Invalid(
                "The days were not listed.", [f"until: give a day on or after the first, at most {LONGEST_LIST} later"]
            )
        days = self._register(estate, viewer).estate.days
        years = range(first.year, last.year + 1)
        return HolidaysView(days.region, days.named(first, last), {year: days.adjusted(year) for year in years})

    def calendar(self, estate: str, viewer: Identity, *, roster: str | None = None, party: str | None = None) -> bytes:
        """The feed of one roster or of all of a party: a week back and three months ahead, overrides and holidays applied."""
        register, now = self._register(estate, viewer), self._clock.now()
        if roster is not None:
            one = _roster(register, roster)
            rosters: tuple[Roster, ...] = (one,)
            edition = Edition(f"roster-{one.id}@{estate}", one.names, one.revision, one.changed_at)
        else:
            known = register.parties.get(party or "")
            if known is None:
                raise NotFound(f"There is no party {party!r} in this estate.", "本小区没有这个单位")
            rosters, edition = register.rosters_of(known.id), Edition(f"party-{known.id}@{estate}", known.names)
        # From midnight, so that the same turn has the same beginning, and so the same id, all day long.
        start = register.estate.local(now).replace(hour=0, minute=0, second=0, microsecond=0) - FEED_BEFORE
        found = spells(rosters, start, now + FEED_AFTER, _zone(register), register.estate.days)
        return self._writer.write(edition, found, register, now)

    def _register(self, estate: str, viewer: Identity) -> Register:
        with self._units.reading() as uow:
            return register_for(uow, estate, viewer)

    def _view(self, register: Register, roster: Roster, viewer: Identity) -> RosterView:
        now, following = self._around(register, (roster,), self._clock.now())
        return RosterView(roster, now, following, may_keep(register, viewer.member, roster.party_id))

    def _around(
        self, register: Register, rosters: tuple[Roster, ...], moment: datetime
    ) -> tuple[SpellView, SpellView | None]:
        ahead = spells(rosters, moment, moment + LOOKS_AHEAD, _zone(register), register.estate.days)
        now, following = next(ahead), next(ahead, None)
        return _spell(register, now), _spell(register, following) if following else None


def _zone(register: Register) -> ZoneInfo:
    return ZoneInfo(register.estate.time_zone)


def _roster(register: Register, roster_id: str) -> Roster:
    found = next((one for one in register.rosters if one.id == roster_id), None)
    if found is None:
        raise NotFound(f"There is no roster {roster_id!r} in this estate.", "没有这份值班表")
    return found


def _spell(register: Register, spell: Spell) -> SpellView:
    known = [member for name in spell.members if (member := register.members.get(name))]
    return SpellView(spell.starts_at, spell.ends_at, [person_view(member) for member in known])


def person_view(member: Member) -> PersonView:
    return PersonView(member.id, member.names, member.role)
