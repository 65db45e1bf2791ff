"""Where residents live: the places of an estate in which a home may be, and the household that stands for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.place import PlaceKind, PlaceTree, ancestry, is_within

HOMES_IN: Final = frozenset({PlaceKind.BUILDING, PlaceKind.UNIT, PlaceKind.FLOOR})


@dataclass(frozen=True, slots=True)
class HomeChoice:
    """Where somebody may be said to live. `id`: a place, for a home of their own there, or a household, to join it. `within`:
    the building that it is chosen under.
    """

    id: str
    names: Names
    within: Names
    joins: bool = False


def home_choices(places: PlaceTree, parties: Iterable[Party], estate_place: str) -> list[HomeChoice]:
    """Every building with its units and floors, each followed by the households that are there already."""
    households = [one for one in parties if one.kind is PartyKind.HOUSEHOLD]
    found = []
    inside = [one for one in places if one.kind in HOMES_IN and is_within(one.id, estate_place)]
    for place in sorted(inside, key=lambda one: _natural(one.id)):
        building = places.nearest(place.id, PlaceKind.BUILDING)
        within = building.names if building else places.get(estate_place).names
        found.append(HomeChoice(place.id, places.address(place.id), within))
        found += [HomeChoice(one.id, one.names, within, joins=True) for one in households if place.id in one.serves]
    return found


def household(id_: str, place_id: str, places: PlaceTree) -> Party:
    """A home there, called by where it is: who lives in it is nobody's business."""
    address = places.address(place_id)
    return Party(id_, PartyKind.HOUSEHOLD, Names(f"{address.zh}住户", f"Home in {address.en}"), (place_id,))


def moved(home: Party, places: Iterable[str], estate_place: str) -> tuple[str, ...]:
    """What a household serves once some of its places are there no more: what is left around them, within the estate."""
    known = set(places)
    around = (next((p for p in ancestry(area) if p in known), estate_place) for area in home.serves)
    return tuple(dict.fromkeys(area if is_within(area, estate_place) else estate_place for area in around))


def _natural(place_id: str) -> list[tuple[int, str]]:
    """Building 2 before building 10, and each floor behind its building."""
    return [(int("".join(filter(str.isdigit, part)) or 0), part) for part in place_id.split("/")]
