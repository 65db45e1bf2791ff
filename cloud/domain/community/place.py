"""Where things are: the tree of places from the street down to the floor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names, from_large_to_small
from cloud.errors import Invalid, NotFound

_PATH: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}(/[a-z0-9][a-z0-9-]{0,62})*\Z")


class PlaceKind(StrEnum):
    """Levels of the tree, from large to small. A level may be left out, never turned round."""

    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    ESTATE = "estate"
    BUILDING = "building"
    UNIT = "unit"
    FLOOR = "floor"

    @property
    def depth(self) -> int:
        """0 (street) to 6 (floor)."""
        return _DEPTHS[self]


_DEPTHS = {kind: depth for depth, kind in enumerate(PlaceKind)}


@dataclass(frozen=True, slots=True)
class Place:
    """One place. Its id is its path, for example `binhai/j/g3/example/b3/u1/f7`."""

    id: str
    kind: PlaceKind
    names: Names

    @property
    def parent_id(self) -> str | None:
        head, _, _ = self.id.rpartition("/")
        return head or None


def ancestry(place_id: str) -> Iterator[str]:
    """The place itself, then each place around it, outward."""
    while place_id:
        yield place_id
        place_id, _, _ = place_id.rpartition("/")


def is_within(place_id: str, outer_id: str) -> bool:
    """Whether a place is `outer_id` or lies in it. Everything lies in the empty place."""
    return not outer_id or place_id == outer_id or place_id.startswith(f"{outer_id}/")


class PlaceTree:
    """Places by id, checked: every path is well formed, and each place lies in a larger one that exists."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = {place.id: place for place in places}
        problems = [problem for place in self._places.values() if (problem := self._problem(place))]
        if problems:
            raise Invalid("The tree of places does not hold together.", problems)

    def _problem(self, place: Place) -> str | None:
        if not _PATH.match(place.id):
            return fault("place-path", ("place", place.id))
        if place.parent_id is None:
            return None
        parent = self._places.get(place.parent_id)
        if parent is None:
            return fault("place-in-nothing", ("place", place.id), outer=place.parent_id)
        if parent.kind.depth >= place.kind.depth:
            return fault("place-too-large", ("place", place.id), kind=place.kind, outer=parent.kind)
        return None

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())

    def __contains__(self, place_id: object) -> bool:
        return place_id in self._places

    def get(self, place_id: str) -> Place:
        place = self._places.get(place_id)
        if place is None:
            raise NotFound(f"There is no place {place_id!r}: add it to the estate's file and load that again.")
        return place

    def nearest(self, place_id: str, kind: PlaceKind) -> Place | None:
        """The place of that kind which the place is or lies in."""
        for outer in ancestry(place_id):
            place = self._places.get(outer)
            if place is not None and place.kind is kind:
                return place
        return None

    def address(self, place_id: str, since: PlaceKind = PlaceKind.ESTATE) -> Names:
        """The address from `since` downward: large to small in Chinese, small to large in English."""
        known = (self._places[outer] for outer in ancestry(place_id) if outer in self._places)
        small_to_large = [place.names for place in known if place.kind.depth >= since.depth]
        return from_large_to_small(reversed(small_to_large))
