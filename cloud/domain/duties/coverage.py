"""Coverage: building x hazard x hour, and its holes - the hours in which whoever would lead cannot be reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
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
    watched = [(building, known.id) for building in buildings(register) for known in possible(register, building)]
    holes = [hole for building, name in watched for hole in survey.holes(building, hazard(name))]
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
    """Works out each party's reach and each row's lead once, and combines them for every building and hazard."""

    def __init__(self, register: Register, channels: Channels, since: datetime, until: datetime) -> None:
        self._register, self._channels = register, channels
        self._since, self._until = since, until
        self._zone = ZoneInfo(register.estate.time_zone)
        self._fallback = fallback_duty([PartyRef("id", register.fallback.id)])
        self._reaches: dict[str, list[tuple[datetime, datetime, Ground, Answering]]] = {}
        self._leads: dict[tuple[str, str], list[_Led]] = {}

    def holes(self, building_id: str, known: Hazard) -> list[Hole]:
        rows = self._rows(building_id, known)
        found: list[Hole] = []
        for number, stretch in enumerate(self._stretches):
            row = next((row for row in rows if row.hours.cover(stretch.local)), self._fallback)
            for hole in self._in_stretch(self._led(row, building_id)[number], stretch):
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
        always = [replace(row, hours=_ALWAYS) for row in self._register.matrix.duties]
        by_id = {row.id: row for row in self._register.matrix.duties}
        del always, by_id
        matching = [
            row for row in self._register.matrix.duties if row.concerns(known.id, building_id, known.severity)
        ]
        return sorted(matching, key=lambda row: row.specificity(known.id), reverse=True)
