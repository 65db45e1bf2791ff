"""A building in one line of plain words - `building 3, floors -1 to 18, lifts 2` or `3号楼，-1到18层，2部电梯` - as people say it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.errors import Refused

MOST_BUILDINGS: Final = 200
LOWEST: Final = -9
HIGHEST: Final = 200
MOST: Final = {"lifts": 30, "doors": 50, "detectors": 20}
"""Bounds that nobody's building reaches and a slip of the finger does."""

_NO_GROUND_FLOOR: Final = frozenset({"CN", "TW", "JP", "KR", "US", "CA"})
"""Where the floor at street level is number 1 and none is called 0."""

_BUILDING: Final = re.compile(
    r"(?:building|bldg\.?|house|no\.?)?\s*(\d{1,4})\s*(?:号楼|号|栋|幢|座|楼)?\Z", re.IGNORECASE
)
_BLOCK: Final = re.compile(r"(?:(?:building|block|tower|house)\s*)?([a-z])\s*(?:座|栋|幢|楼)?\Z", re.IGNORECASE)
_SPAN: Final = re.compile(
    r"(?:floors?|楼层|层)?\s*(-?\d+)\s*(?:to|\.\.|-|~|到|至)\s*(-?\d+)\s*(?:floors?|层|楼)?\Z", re.IGNORECASE
)
_COUNT: Final = re.compile(r"(?:floors?|楼层|层)\s*(\d+)\Z|(?:共)?\s*(\d+)\s*(?:floors?|层)\Z", re.IGNORECASE)
_THINGS: Final = {
    "lifts": re.compile(
        r"(?:lifts?|elevators?|电梯)\s*(\d+)\s*[部台]?\Z|(\d+)\s*(?:lifts?|elevators?|[部台]?电梯|梯)\Z", re.IGNORECASE
    ),
    "doors": re.compile(
        r"(?:doors?|gates?|门禁?)\s*(\d+)\s*[个道]?\Z|(\d+)\s*(?:doors?|gates?|[个道]?门禁?)\Z", re.IGNORECASE
    ),
    "detectors": re.compile(
        r"(?:(?:smoke )?detectors?|烟感)\s*(?:每层)?\s*(\d+)\s*个?\s*(?:per floor|on each floor)?\Z"
        r"|(?:每层)?\s*(\d+)\s*(?:(?:smoke )?detectors?|个?烟感)\s*(?:per floor|on each floor)?\Z",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class QuickBuilding:
    """A building as one line says it. `lowest` and `highest`: its floors, both included; None where none were said.
    `detectors`: smoke detectors on each floor.
    """

    key: str
    names: Names
    lowest: int | None = None
    highest: int | None = None
    lifts: int = 0
    doors: int = 0
    detectors: int = 0

    def floors(self, region: str) -> tuple[int, ...]:
        """From below upward. Where floors are counted from one, there is none with the number 0."""
        if self.lowest is None or self.highest is None:
            return ()
        return tuple(n for n in range(self.lowest, self.highest + 1) if n or region not in _NO_GROUND_FLOOR)

    def entrance(self, region: str) -> int | None:
        """The floor at street level, or the nearest to it."""
        floors = self.floors(region)
        street = 1 if region in _NO_GROUND_FLOOR else 0
        return min(floors, key=lambda floor: abs(floor - street), default=None)

    def places(self, estate_place: str, region: str) -> Iterator[Place]:
        """The building and its floors, within that place."""
        home = f"{estate_place}/{self.key}"
        yield Place(home, PlaceKind.BUILDING, self.names)
        for floor in self.floors(region):
            yield Place(f"{home}/{floor_key(floor)}", PlaceKind.FLOOR, floor_names(floor))


def floor_key(floor: int) -> str:
    """As floors stand in paths: `f7`, below the street `f-1`."""
    return f"f{floor}"


def floor_names(floor: int) -> Names:
    if floor < 0:
        return Names(f"地下{-floor}层", f"Basement {-floor}")
    return Names(f"{floor}层", f"Floor {floor}") if floor else Names("底层", "Ground floor")


def read_buildings(text: str) -> tuple[QuickBuilding, ...]:
    """One building a line; empty lines are passed over. Raises Refused, which names each line that is not understood and
    shows how it is written.
    """
    found: dict[str, QuickBuilding] = {}
    wrong: list[Names] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            building = _building(line)
            if building.key in found:
                raise _fault("this building stands above already", "上面已有这栋楼")
            found[building.key] = building
        except Refused as error:
            wrong.append(Names(f"第{number}行：{error.zh}", f"line {number}: {error}"))
    if not found and not wrong:
        raise _fault("Write at least one building", "请至少填写一栋楼")
    if len(found) > MOST_BUILDINGS:
        raise _fault(f"At most {MOST_BUILDINGS} buildings at once", f"一次最多{MOST_BUILDINGS}栋")
    if wrong:
        raise Refused("; ".join(one.en for one in wrong), "；".join(one.zh for one in wrong))
    return tuple(found.values())


def _building(line: str) -> QuickBuilding:
    plain = unicodedata.normalize("NFKC", line).replace("−", "-").replace("–", "-")
    head, *parts = [part.strip() for part in re.split(r"[,;、。]", plain) if part.strip()] or [""]
    key, names = _named(head)
    said: dict[str, int] = {}
    for part in parts:
        for what, value in _part(part):
            if what in said:
                raise _fault(f"{part!r} says again what was said before", f"“{part}”与前面重复")
            said[what] = value
    return QuickBuilding(key, names, **said)


def _named(head: str) -> tuple[str, Names]:
    if match := _BUILDING.match(head):
        number = int(match[1])
        return f"b{number}", Names(f"{number}号楼", f"Building {number}")
    if match := _BLOCK.match(head):
        letter = match[1].upper()
        return f"block-{letter.lower()}", Names(f"{letter}座", f"Block {letter}")
    raise _fault(
        f"{head!r} is no building; begin with its number or letter: building 3, block A",
        f"“{head}”不是楼号，请以楼号开头，例如“3号楼”或“A座”",
    )


def _part(part: str) -> Iterator[tuple[str, int]]:
    said = re.sub(r"地下\s*(\d+)\s*层?", r"-\1", part)
    if match := _SPAN.match(said):
        lowest, highest = int(match[1]), int(match[2])
        if not LOWEST <= lowest <= highest <= HIGHEST:
            raise _fault(
                f"{part!r}: floors go from the lowest to the highest, within {LOWEST} and {HIGHEST}",
                f"“{part}”：楼层应由低到高，在{LOWEST}到{HIGHEST}之间",
            )
        yield from (("lowest", lowest), ("highest", highest))
        return
    if match := _COUNT.match(said):
        highest = int(match[1] or match[2])
        if not 1 <= highest <= HIGHEST:
            raise _fault(f"{part!r}: 1 to {HIGHEST} floors", f"“{part}”：层数应为1到{HIGHEST}")
        yield from (("lowest", 1), ("highest", highest))
        return
    for what, pattern in _THINGS.items():
        if match := pattern.match(said):
            count = int(match[1] or match[2])
            if count > MOST[what]:
                raise _fault(f"{part!r}: at most {MOST[what]} {what}", f"“{part}”：最多{MOST[what]}")
            yield what, count
            return
    raise _fault(
        f"{part!r} is not understood; write for example: building 3, floors -1 to 18, lifts 2",
        f"“{part}”无法识别，请写成例如：3号楼，-1到18层，2部电梯",
    )


def _fault(en: str, zh: str) -> Refused:
    return Refused(en, zh)
