"""Where and when coverage is looked at, and for what: each building, and beneath it wherever other rows or parties begin to
hold; each stretch of time in which the same hours hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cloud.domain.community.party import WELFARE, PartyKind, PartyRef
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.community.work_calendar import instant
from cloud.domain.duties.consent import watched_homes
from cloud.domain.duties.oversight import UNCOVERED
from cloud.domain.duties.register import EquipmentKind, Register
from schemas.hazards import HAZARDS, Hazard

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in which nothing changes; `local` is its beginning by the estate's wall clock."""

    starts_at: datetime
    ends_at: datetime
    local: datetime


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
        # Where nothing of a home is watched nobody is asked to look after it, and nobody need be there to be asked.
        "welfare": bool(family) and watched_homes(register, building_id),
    }
    yield from (known for known in HAZARDS.values() if there.get(known.family, True) and known.id != UNCOVERED)


def beginnings(register: Register) -> list[str]:
    """The places of the register at which a row of the matrix or the area of a party begins."""
    rows = {row.place_id for row in register.matrix.duties if row.place_id}
    areas = {area for party in register.parties.values() for area in party.serves}
    return sorted(place for place in rows | areas if place in register.places)


def concerned(register: Register, place_id: str) -> Iterator[Hazard]:
    """Of what can happen at such a place that for which something is different there: a home's own family is asked for nothing but
    its welfare.
    """
    homes = PartyKind.HOUSEHOLD
    others = any(row.place_id == place_id for row in register.matrix.duties) or any(
        place_id in party.serves for party in register.parties.values() if party.kind is not homes
    )
    for known in possible(register, place_id):
        if others or known.id.startswith(WELFARE):
            yield known


def stretches(register: Register, since: datetime, until: datetime) -> list[Stretch]:
    """The whole time, cut wherever the hours of a row or a party begin or end."""
    zone = ZoneInfo(register.estate.time_zone)
    hours = [row.hours for row in register.matrix.duties]
    hours += [party.hours for party in register.parties.values()]
    times = {at for one in hours if not one.always for at in (one.start, one.end)}
    moments = {since, *_between(times, since, until, zone)}
    cuts = [*sorted(moments), until]
    return [Stretch(begins, ends, begins.astimezone(zone)) for begins, ends in pairwise(cuts)]


def _between(times: Iterable[time], since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        moments = (instant(day, at, zone) for at in times)
        yield from (moment for moment in moments if since < moment < until)
        day += _DAY
