"""The storeys of a building: which number a floor has by its id, and which there are from the lowest to the highest.

A lift's controller says a number and the register knows places; ids such as `f7`, `7`, `floor-7` and, below the ground, `b1`
lead from one to the other. There is no storey 0 unless somebody says so: 1 is the ground floor, -1 lies below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind

LOWEST: Final = -10
HIGHEST: Final = 200
"""No building has more; a controller that says so is not believed, or one number would draw a tower of a million floors."""

_NUMBERED: Final = re.compile(r"(?P<below>b|lg|ug)?(?:f|fl|floor|l|level)?-?(?P<number>\d{1,3})f?\Z")


@dataclass(frozen=True, slots=True)
class Storey:
    """One row of an elevation. `number` None: a floor whose id says none (a machine room); `place_id` None: the register does
    not name this floor.
    """

    number: int | None
    names: Names
    place_id: str | None = None


def believable(number: float) -> bool:
    return LOWEST <= number <= HIGHEST


def storey_number(place: Place) -> int | None:
    """The number of a floor by the last part of its id; None for what is no floor, and where the id says none."""
    said = _NUMBERED.match(place.id.rpartition("/")[2]) if place.kind is PlaceKind.FLOOR else None
    if said is None:
        return None
    number = int(said["number"]) * (-1 if said["below"] else 1)
    return number if believable(number) else None


def storey_names(number: int) -> Names:
    """What a floor is called that the register does not name."""
    if number < 0:
        return Names(f"地下{-number}层", f"Basement {-number}")
    return Names(f"{number}层", f"Floor {number}")


def storeys(floors: Iterable[Place], seen: Iterable[int] = ()) -> list[Storey]:
    """From the top down: floors without a number first, then every number between the lowest and the highest that the
    register knows or a lift was seen at. Of several floors with one number, the first gives the name.
    """
    known: dict[int, Place] = {}
    unnumbered = []
    for place in floors:
        number = storey_number(place)
        if number is None:
            unnumbered.append(Storey(None, place.names, place.id))
        else:
            known.setdefault(number, place)
    return [*unnumbered, *(_storey(number, known) for number in _between({*known, *filter(believable, seen)}))]


def _between(numbers: set[int]) -> list[int]:
    if not numbers:
        return []
    return [n for n in range(max(numbers), min(numbers) - 1, -1) if n != 0 or 0 in numbers]


def _storey(number: int, known: Mapping[int, Place]) -> Storey:
    place = known.get(number)
    return Storey(number, place.names, place.id) if place else Storey(number, storey_names(number))
