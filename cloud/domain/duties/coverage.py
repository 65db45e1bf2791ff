"""Coverage: building x hazard x hour, and its holes - the hours in which whoever would lead cannot be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.on_duty import spells
from cloud.domain.community.party import Party, PartyKind, PartyRef
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.community.work_calendar import instant
from cloud.domain.duties.channels import Answering, Channels
from cloud.domain.duties.duty import Duty, fallback_duty
from cloud.domain.duties.oversight import UNCOVERED
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.register import EquipmentKind, Register
from schemas.hazards import HAZARDS, Hazard, hazard

AHEAD: Final = timedelta(days=7)
_DAY = timedelta(days=1)


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
    """A spell in which a hazard in a building reaches nobody surely. `owner_id`: the party whose hole it is, for want of any
    the one that answers for the estate. `weak`: somebody is called, through a channel that nobody has proven, and no life
    is at stake.
    """

    building_id: str
    hazard: str
    starts_at: datetime
    ends_at: datetime
    gap: Gap
    owner_id: str
    weak: bool = False


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
    for building in buildings(register):
        names = [known.id for known in possible(register, building)]
        watched += [(building, name) for name in names]
        holes += survey.holes(building, [hazard(name) for name in names])
    return Coverage(since, since + ahead, watched, holes)


def buildings(register: Register) -> list[str]:
    """The buildings of the estate; an estate without any is one."""
    home = register.estate.place_id
    found = [place.id for place in register.places if place.kind is PlaceKind.BUILDING and is_within(place.id, home)]
    return sorted(found) or [home]


def possible(register: Register, building_id: str) -> Iterator[Hazard]:
    """What can happen there: of lifts where there are lifts, of doors where there are doors, of people whose family is a
    party here. A fire may be anywhere.
    """
    kinds = {item.kind for item in register.equipment.values() if is_within(item.place_id, building_id)}
    family = register.meant(PartyRef("kind", PartyKind.HOUSEHOLD.value), building_id)
    there = {
        "lift": EquipmentKind.LIFT in kinds,
        "access": EquipmentKind.ACCESS_GATE in kinds,
        "welfare": bool(family),
    }
    yield from (known for known in HAZARDS.values() if there.get(known.family, True) and known.id != UNCOVERED)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of time in which nothing changes; `local` is its beginning by the estate's wall clock."""

    starts_at: datetime
    ends_at: datetime
    local: datetime


@dataclass(frozen=True, slots=True)
class _Led:
    """Who leads in a stretch; nobody, with the reason and whose hole that is."""

    lead: Party | None
    gap: Gap | None = None
    owner_id: str = ""


class _Survey:
    """Works out each party's reach once and each row's lead once in a building, and combines them for every hazard."""

    def __init__(self, register: Register, channels: Channels, since: datetime, until: datetime) -> None:
        self._register, self._channels = register, channels
        self._since, self._until = since, until
        self._zone = ZoneInfo(register.estate.time_zone)
        self._fallback = fallback_duty([PartyRef("id", register.fallback.id)])
        self._party_gaps: dict[str, list[tuple[datetime, datetime, Gap]]] = {}

    def holes(self, building_id: str, hazards: Iterable[Hazard]) -> list[Hole]:
        # Forgotten after each building: of all of a large estate together they took more than its register.
        leads: dict[str, list[_Led]] = {}
        return [hole for known in hazards for hole in self._of_hazard(building_id, known, leads)]

    def _of_hazard(self, building_id: str, known: Hazard, leads: dict[str, list[_Led]]) -> list[Hole]:
        rows = self._rows(building_id, known)
        found: list[Hole] = []
        for number, stretch in enumerate(self._stretches):
            row = next((row for row in rows if row.hours.cover(stretch.local)), self._fallback)
            if row.id not in leads:
                leads[row.id] = self._led(row, building_id)
            for hole in self._in_stretch(leads[row.id][number], stretch):
                self._join(found, replace(hole, building_id=building_id, hazard=known.id), known)
        return found

    @staticmethod
    def _join(found: list[Hole], hole: Hole, known: Hazard) -> None:
        hole = replace(hole, weak=hole.gap is Gap.UNPROVEN_CHANNEL and not known.life_safety)
        last = found[-1] if found else None
        alike = last is not None and (last.gap, last.owner_id) == (hole.gap, hole.owner_id)
        if last is not None and alike and last.ends_at == hole.starts_at:
            found[-1] = replace(last, ends_at=hole.ends_at)
        else:
            found.append(hole)

    def _rows(self, building_id: str, known: Hazard) -> list[Duty]:
        """The rows that hold there at any hour, most specific first."""
        rows = self._register.matrix.duties
        matching = [row for row in rows if row.concerns(known.id, building_id, known.severity)]
        return sorted(matching, key=lambda row: row.specificity(known.id), reverse=True)

    def _led(self, row: Duty, building_id: str) -> list[_Led]:
        """Who leads by that row there, stretch by stretch."""
        owner = self._register.fallback.id
        if row is self._fallback:
            return [_Led(None, Gap.NO_PARTY, owner)] * len(self._stretches)
        meant = [party for ref in row.leads for party in self._register.meant(ref, building_id)]
        return [self._lead(meant, stretch.local, owner) for stretch in self._stretches]

    @staticmethod
    def _lead(meant: Sequence[Party], local: datetime, owner: str) -> _Led:
        lead = next((party for party in meant if party.hours.cover(local)), None)
        if lead is not None:
            # A body without an account leads on paper only: no call of ours goes to it.
            return _Led(None, Gap.NO_PARTY, owner) if lead.external else _Led(lead)
        return _Led(None, Gap.OUTSIDE_HOURS, meant[0].id) if meant else _Led(None, Gap.NO_PARTY, owner)

    def _in_stretch(self, led: _Led, stretch: _Stretch) -> Iterator[Hole]:
        if led.lead is None:
            if led.gap is not None:
                yield Hole("", "", stretch.starts_at, stretch.ends_at, led.gap, led.owner_id)
            return
        for starts, ends, gap in self._gaps(led.lead.id):
            begins, over = max(starts, stretch.starts_at), min(ends, stretch.ends_at)
            if begins < over:
                yield Hole("", "", begins, over, gap, led.lead.id)

    def _gaps(self, party_id: str) -> list[tuple[datetime, datetime, Gap]]:
        """The spells in which a call to the party reaches nobody surely."""
        if party_id not in self._party_gaps:
            rosters, days = self._register.rosters_of(party_id), self._register.estate.days
            if rosters:
                shifts = spells(rosters, self._since, self._until, self._zone, days)
                times = [(spell.starts_at, spell.ends_at.astimezone(UTC)) for spell in shifts]
            else:
                times = [(self._since, self._until)]
            judged = [(starts, ends, self._gap(party_id, starts)) for starts, ends in times]
            self._party_gaps[party_id] = [(starts, ends, gap) for starts, ends, gap in judged if gap is not None]
        return self._party_gaps[party_id]

    def _gap(self, party_id: str, moment: datetime) -> Gap | None:
        found = reach(self._register, party_id, moment)
        if found.ground is Ground.NO_MEMBERS:
            return Gap.NO_MEMBERS
        if found.ground is Ground.EMPTY_ROSTER:
            return Gap.EMPTY_ROSTER
        answering = self._channels.answering(found.first)
        return {Answering.NOBODY: Gap.NO_CHANNEL, Answering.WEAK: Gap.UNPROVEN_CHANNEL}.get(answering)

    @cached_property
    def _stretches(self) -> list[_Stretch]:
        """The whole time, cut wherever the hours of a row or a party begin or end."""
        hours = [row.hours for row in self._register.matrix.duties]
        hours += [party.hours for party in self._register.parties.values()]
        times = {at for one in hours if not one.always for at in (one.start, one.end)}
        moments = {self._since, *self._between(times)}
        cuts = [*sorted(moments), self._until]
        return [_Stretch(begins, ends, begins.astimezone(self._zone)) for begins, ends in pairwise(cuts)]

    def _between(self, times: Iterable[time]) -> Iterator[datetime]:
        times = tuple(times)
        day, last = self._since.astimezone(self._zone).date(), self._until.astimezone(self._zone).date()
        while day <= last:
            moments = (instant(day, at, self._zone) for at in times)
            yield from (moment for moment in moments if self._since < moment < self._until)
            day += _DAY
