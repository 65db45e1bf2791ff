"""Coverage: building x hazard x hour, and its holes - the hours in which whoever would lead, help, or be called by the
ladder cannot be reached. Beneath a building, wherever other rows or parties begin to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.on_duty import spells
from cloud.domain.community.party import Party, PartyRef
from cloud.domain.community.place import is_within
from cloud.domain.duties.availability import has_people
from cloud.domain.duties.channels import Answering, Channels
from cloud.domain.duties.duty import Duty, fallback_duty, with_last_resort, with_safety_floor
from cloud.domain.duties.meant import meant_by
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.reached import CallRole
from cloud.domain.duties.register import Register
from cloud.domain.duties.surveyed import Stretch, beginnings, buildings, concerned, possible, stretches
from cloud.domain.duties.target import Narrowed, Only
from cloud.domain.duties.targets import targets_of
from schemas.hazards import Hazard

AHEAD: Final = timedelta(days=7)


class Gap(StrEnum):
    """Why nobody answers."""

    NO_PARTY = "no_party"
    OUTSIDE_HOURS = "outside_hours"
    NO_MEMBERS = "no_members"
    EMPTY_ROSTER = "empty_roster"
    NO_CHANNEL = "no_channel"
    UNPROVEN_CHANNEL = "unproven_channel"


@dataclass(frozen=True, slots=True)
class Hole:
    """A spell in which a hazard in a building, or at a place in it for which there are rows or parties of its own (`building_id`
    then), reaches nobody surely. `owner_id`: the party whose hole it is, for want of any
    the one that answers for the estate. `role`: as what it would have been called; of several the first. `weak`: no life is
    at stake, and either it would not have led or it is called, through a channel that nobody has proven. `only`: the people
    whom a step of the ladder means, where not everybody of the owner.
    """

    building_id: str
    hazard: str
    starts_at: datetime
    ends_at: datetime
    gap: Gap
    owner_id: str
    role: CallRole = CallRole.LEAD
    weak: bool = False
    only: tuple[Only, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """From `since` until before `until`, in UTC. `watched`: the pairs of building and hazard that can occur at all."""

    since: datetime
    until: datetime
    watched: Sequence[tuple[str, str]]
    holes: Sequence[Hole]


def coverage(register: Register, channels: Channels, since: datetime, ahead: timedelta = AHEAD) -> Coverage:
    """The holes, spells merged, by building and hazard."""
    since = since.astimezone(UTC)
    survey = _Survey(register, channels, since, since + ahead)
    watched: list[tuple[str, str]] = []
    holes: list[Hole] = []
    beneath = beginnings(register)
    for building in buildings(register):
        named = [(building, known) for known in possible(register, building)]
        whole = survey.holes(building, [known for _, known in named])
        holes += whole
        for place in (one for one in beneath if is_within(one, building) and one != building):
            there = list(concerned(register, place))
            holes += _further(survey.holes(place, there), whole)
            named += [(place, known) for known in there]
        watched += [(place, known.id) for place, known in named]
    return Coverage(since, since + ahead, watched, holes)


def _further(found: Iterable[Hole], whole: Iterable[Hole]) -> Iterator[Hole]:
    """Those that are no hole of the whole building."""
    known = {replace(hole, building_id="") for hole in whole}
    return (hole for hole in found if replace(hole, building_id="") not in known)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom a row asks in a stretch, and as what; nobody, with the reason and whose hole that is."""

    role: CallRole
    party: Party | None
    gap: Gap | None = None
    owner_id: str = ""
    only: tuple[Only, ...] = ()

    @property
    def owner(self) -> str:
        return self.party.id if self.party else self.owner_id


_ByStretch = list[tuple[_Asked, ...]]


class _Survey:
    """Works out each party's reach once and whom each row asks once in a building, and combines them for every hazard."""

    def __init__(self, register: Register, channels: Channels, since: datetime, until: datetime) -> None:
        self._register, self._channels = register, channels
        self._since, self._until = since, until
        self._zone = ZoneInfo(register.estate.time_zone)
        self._fallback = fallback_duty([PartyRef("id", register.fallback.id)])
        self._party_gaps: dict[tuple[str, tuple[Only, ...]], list[tuple[datetime, datetime, Gap]]] = {}
        self._people: dict[str, bool] = {}
        self._stretches = stretches(register, since, until)

    def holes(self, building_id: str, hazards: Iterable[Hazard]) -> list[Hole]:
        # Forgotten after each building: of all of a large estate together they took more than its register.
        asked: dict[tuple[str, bool], _ByStretch] = {}
        return [hole for known in hazards for hole in self._of_hazard(building_id, known, asked)]

    def _of_hazard(self, building_id: str, known: Hazard, asked: dict[tuple[str, bool], _ByStretch]) -> list[Hole]:
        rows, life = self._rows(building_id, known), known.life_safety
        found: dict[tuple[object, ...], list[Hole]] = {}
        for number, stretch in enumerate(self._stretches):
            row = next((row for row in rows if row.hours.cover(stretch.local)), self._fallback)
            if (row.id, life) not in asked:
                asked[row.id, life] = self._by_stretch(row, building_id, life=life)
            for one in asked[row.id, life][number]:
                for starts, ends, gap in self._in_stretch(one, stretch):
                    weak = not life and (gap is Gap.UNPROVEN_CHANNEL or one.role is not CallRole.LEAD)
                    # Another decides in the place of an arbiter without people.
                    weak = weak or (one.role is CallRole.ARBITER and gap is Gap.NO_MEMBERS)
                    hole = Hole(building_id, known.id, starts, ends, gap, one.owner, one.role, weak, one.only)
                    self._join(found.setdefault((gap, one.owner, one.role, one.only), []), hole)
        return [hole for alike in found.values() for hole in alike]

    @staticmethod
    def _join(alike: list[Hole], hole: Hole) -> None:
        if alike and alike[-1].ends_at == hole.starts_at:
            alike[-1] = replace(alike[-1], ends_at=hole.ends_at)
        else:
            alike.append(hole)

    def _rows(self, building_id: str, known: Hazard) -> list[Duty]:
        """The rows that hold there at any hour, most specific first."""
        rows = self._register.matrix.duties
        matching = [row for row in rows if row.concerns(known.id, building_id, known.severity)]
        return sorted(matching, key=lambda row: row.specificity(known.id), reverse=True)

    def _by_stretch(self, row: Duty, building_id: str, *, life: bool) -> _ByStretch:
        """Whom that row asks there, stretch by stretch, each party once: as lead, as support, or by the ladder; and each part of
        one that the ladder names.
        """
        refs = () if row is self._fallback else row.leads
        leads = [party for ref in refs for party in self._register.meant(ref, building_id)]
        helpers = [self._register.meant(ref, building_id) for ref in row.supports]
        called = tuple(self._called(row, building_id, life=life))
        found: _ByStretch = []
        for stretch in self._stretches:
            first = self._first(leads, stretch.local)
            supports = self._supports(helpers, first or self._register.fallback, stretch.local)
            each: dict[object, _Asked] = {}
            for one in (self._lead(first, leads), *supports, *called, *self._arbiter(building_id)):
                each.setdefault((one.owner, one.only), one)
            found.append(tuple(each.values()))
        return found

    def _lead(self, first: Party | None, meant: Sequence[Party]) -> _Asked:
        if first is None and meant:
            return _Asked(CallRole.LEAD, None, Gap.OUTSIDE_HOURS, meant[0].id)
        if first is None or first.external:
            # A body without an account leads on paper only: no call of ours goes to it.
            return _Asked(CallRole.LEAD, None, Gap.NO_PARTY, self._register.fallback.id)
        return _Asked(CallRole.LEAD, first)

    def _first(self, meant: Sequence[Party], local: datetime) -> Party | None:
        """As routing finds them: of those within their hours the first that has people, for want of any the first."""
        within = [party for party in meant if party.hours.cover(local)]
        return next((party for party in within if self._peopled(party)), None) or next(iter(within), None)

    def _peopled(self, party: Party) -> bool:
        """The same at every moment: on an empty roster everybody is called."""
        if party.id not in self._people:
            self._people[party.id] = has_people(self._register, party, self._since)
        return self._people[party.id]

    def _supports(self, helpers: Iterable[Sequence[Party]], lead: Party, local: datetime) -> Iterator[_Asked]:
        """One of each reference. That there is no party of a kind is no hole: the row says who helps wherever there is one,
        and a body without an account is dialled.
        """
        taken = {lead.id}
        for meant in helpers:
            free = [party for party in meant if party.id not in taken]
            found = self._first(free, local)
            if found is not None:
                taken.add(found.id)
                if not found.external:
                    yield _Asked(CallRole.SUPPORT, found)
            elif free and len(free) == len(meant):
                yield _Asked(CallRole.SUPPORT, None, Gap.OUTSIDE_HOURS, free[0].id)

    def _arbiter(self, building_id: str) -> Iterator[_Asked]:
        """Whoever decides there when two parties have refused the lead."""
        arbiter = self._register.arbiter
        if not arbiter.external and arbiter.closeness(building_id) >= 0:
            yield _Asked(CallRole.ARBITER, arbiter)

    def _called(self, row: Duty, building_id: str, *, life: bool) -> Iterator[_Asked]:
        """By the ladder, which asks at any hour. That a person may dial its telephone fills no hole, but for a body without an
        account.
        """
        floor = with_safety_floor if life else with_last_resort
        for step in floor(row, PartyRef("id", self._register.fallback.id)).ladder.steps:
            whole = tuple(one for one in step.targets if isinstance(one, PartyRef))
            if whole:
                meant = targets_of(
                    self._register, replace(step, targets=whole), building_id, self._since, life_safety=life
                )
                each = (*meant.called, *meant.numbers, *meant.nobody)
                yield from (_Asked(CallRole.CALLED, party) for party in each if not party.external)
            for one in step.targets:
                yield from self._narrowed(one, building_id) if isinstance(one, Narrowed) else ()

    def _narrowed(self, target: Narrowed, building_id: str) -> Iterator[_Asked]:
        """Of the parties that it may mean the first that has such people at all. Where its roster or member is gone, that is a
        hole of whoever answers for the estate.
        """
        meant, only = meant_by(self._register, target, building_id), (target.only,)
        peopled = (one for one in meant if has_people(self._register, one, self._since, only))
        party = next(peopled, None) or next(iter(meant), None)
        if party is not None:
            yield _Asked(CallRole.CALLED, party, only=only)
        elif target.party is None:
            yield _Asked(CallRole.CALLED, None, Gap.NO_MEMBERS, self._register.fallback.id, only)

    def _in_stretch(self, asked: _Asked, stretch: Stretch) -> Iterator[tuple[datetime, datetime, Gap]]:
        if asked.party is None:
            if asked.gap is not None:
                yield stretch.starts_at, stretch.ends_at, asked.gap
            return
        for starts, ends, gap in self._gaps(asked.party.id, asked.only):
            begins, over = max(starts, stretch.starts_at), min(ends, stretch.ends_at)
            if begins < over:
                yield begins, over, gap

    def _gaps(self, party_id: str, only: tuple[Only, ...]) -> list[tuple[datetime, datetime, Gap]]:
        """The spells in which a call to the party, or to `only` some of it, reaches nobody surely."""
        if (party_id, only) not in self._party_gaps:
            named = {one.value for one in only if one.by == "roster"}
            rosters = [one for one in self._register.rosters_of(party_id) if not named or one.id in named]
            if rosters:
                shifts = spells(rosters, self._since, self._until, self._zone, self._register.estate.days)
                times = [(spell.starts_at, spell.ends_at.astimezone(UTC)) for spell in shifts]
            else:
                times = [(self._since, self._until)]
            judged = [(starts, ends, self._gap(party_id, starts, only)) for starts, ends in times]
            found = [(starts, ends, gap) for starts, ends, gap in judged if gap is not None]
            self._party_gaps[party_id, only] = found
        return self._party_gaps[party_id, only]

    def _gap(self, party_id: str, moment: datetime, only: tuple[Only, ...]) -> Gap | None:
        found = reach(self._register, party_id, moment, only)
        if found.ground is Ground.NO_MEMBERS:
            return Gap.NO_MEMBERS
        if found.ground is Ground.EMPTY_ROSTER:
            return Gap.EMPTY_ROSTER
        answering = self._channels.answering(found.first)
        return {Answering.NOBODY: Gap.NO_CHANNEL, Answering.WEAK: Gap.UNPROVEN_CHANNEL}.get(answering)
