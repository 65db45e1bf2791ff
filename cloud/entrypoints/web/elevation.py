"""The elevation of a building: where storeys, shafts, cars and marks lie in the drawing. The template draws them.

Units are CSS pixels. It is drawn twice, as charts are: as wide as a phone's screen, where it is never shrunk, so that what it
says can be read and every mark can be touched; and wider, so that a tower stands on one wall screen.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cloud.application.asking.building_views import PartView, PieceView
from cloud.domain.community.names import Language, Names
from cloud.domain.community.storeys import Storey
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.incidents.equipment_state import ORDER, EquipmentState
from cloud.entrypoints.web.chart import text_width

NARROW: Final = 364.0
WIDE: Final = 500.0
LABELS: Final = 68.0
"""Room for the names of storeys, at the left."""
NOTES: Final = 100.0
"""Room for what is amiss on a storey, in a word, at the right."""
SHAFT: Final = 30.0
CELL: Final = 24.0
"""A mark with the space around it: a finger's or a pointer's target (WCAG 2.5.8)."""
LEAST_CELLS: Final = 2
ROW: Final = 26.0
CAR: Final = 20.0
OFF_LEVEL: Final = 6.0
"""How far beside its storey a car is drawn that does not stand at one."""
FITS: Final = 1100.0
TOP: Final = 22.0
"""Room for the lifts' numbers above their shafts."""


@dataclass(frozen=True, slots=True)
class Row:
    """A storey. `names` None: what belongs to no storey. `note`: the gravest that is amiss here, and how much else is."""

    key: str
    names: Names | None
    top: float
    height: float
    note: EquipmentState | None
    more: int
    number: int | None = None

    def label(self, language: Language) -> str:
        """Its name where there is room for it, else its number, else the beginning of its name."""
        name = self.names.of(language) if self.names else ""
        if text_width(name) <= LABELS - 6.0:
            return name
        if self.number is not None:
            return f"B{-self.number}" if self.number < 0 else str(self.number)
        return next(cut for n in range(len(name), 0, -1) if text_width(cut := f"{name[:n]}…") <= LABELS - 6.0 or n == 1)

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Shaft:
    """A lift's shaft and the car in it; `y` is the car's upper edge."""

    piece: PieceView
    number: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A door, a detector or other equipment; the middle of its cell."""

    piece: PieceView
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Elevation:
    """One part of a building. `bottom`: where the shafts end."""

    part: PartView
    width: float
    height: float
    bottom: float
    rows: Sequence[Row]
    shafts: Sequence[Shaft]
    spots: Sequence[Spot]

    @property
    def notes_at(self) -> float:
        return self.width - NOTES

    @property
    def fits(self) -> bool:
        """Whether it can stand on a screen at once and still be read."""
        return self.height <= FITS

    @property
    def revision(self) -> str:
        """Of all that does not move: while it is the same, cars and marks alone are drawn anew."""
        fixed = [(row.key, row.top) for row in self.rows], [(s.piece.id, s.x) for s in self.shafts]
        return _print(self.width, self.height, fixed, [(spot.piece.id, spot.x, spot.y) for spot in self.spots])


def _print(*facts: object) -> str:
    return f"{zlib.crc32(repr(facts).encode()):08x}"


def piece_revision(piece: PieceView) -> str:
    """Changes whenever what is said of the piece does."""
    said = [(reading.point, reading.value, reading.at.timestamp()) for reading in piece.readings.values()]
    matters = [(one.incident_id, one.state) for one in piece.matters]
    return _print(piece.states, said, matters, [names.en for names in piece.hazards])


def draw(part: PartView, width: float = NARROW) -> Elevation:
    """Storeys from the top down, then one row for what belongs to none; shafts beside the names, then the marks."""
    lifts = [piece for piece in part.pieces if piece.kind is EquipmentKind.LIFT]
    others = [piece for piece in part.pieces if piece.kind is not EquipmentKind.LIFT]
    begin = LABELS + SHAFT * len(lifts) + 4.0
    columns = max(int((width - begin - NOTES) // CELL), LEAST_CELLS)
    width = max(width, begin + columns * CELL + NOTES)
    by_row = _by_row(part, others)
    loose = by_row.pop("", [])
    cars = {lift.id: _row_of(part, lift) for lift in lifts}
    keys: list[tuple[str, Storey | None]] = [(_key(n), storey) for n, storey in enumerate(part.storeys)]
    if loose or not keys or "" in cars.values():
        keys.append(("", None))
        by_row[""] = loose
    rows: list[Row] = []
    spots: list[Spot] = []
    top = TOP
    for key, storey in keys:
        here = by_row.get(key, [])
        height = max(ROW, CELL * -(-len(here) // columns) + 2.0)
        standing = [lift for lift in lifts if cars[lift.id] == key]
        rows.append(_row(key, storey, (top, height), [*standing, *here]))
        for n, piece in enumerate(here):
            x, y = begin + (n % columns + 0.5) * CELL, top + 1.0 + (n // columns + 0.5) * CELL
            spots.append(Spot(piece, x, y))
        top += height
    placed = {row.key: row for row in rows}
    shafts = [
        Shaft(lift, _number(lift, n + 1), LABELS + n * SHAFT, _car_top(lift, placed[cars[lift.id]]))
        for n, lift in enumerate(lifts)
    ]
    return Elevation(part, width, top + 2.0, top, rows, shafts, spots)


def _number(lift: PieceView, nth: int) -> str:
    """What stands above its shaft: the number in its name, or its place in the row."""
    digits = "".join(letter for letter in lift.names.zh if letter.isascii() and letter.isdigit())
    return digits[:3] or str(nth)


def _key(n: int) -> str:
    return f"row-{n}"


def _by_row(part: PartView, pieces: Sequence[PieceView]) -> dict[str, list[PieceView]]:
    of_place: Mapping[str | None, str] = {storey.place_id: _key(n) for n, storey in enumerate(part.storeys)}
    found: dict[str, list[PieceView]] = {}
    for piece in pieces:
        found.setdefault(of_place.get(piece.place_id, ""), []).append(piece)
    return found


def _row_of(part: PartView, lift: PieceView) -> str:
    """The row at which its car is drawn; that of no storey where its floor is not known."""
    floor = lift.stand.floor if lift.stand else None
    numbers = ((_key(n), storey.number) for n, storey in enumerate(part.storeys))
    return next((key for key, number in numbers if number is not None and number == floor), "")


def _car_top(lift: PieceView, row: Row) -> float:
    """A car stands on its storey's line; beside it where it says that it is not level."""
    beside = OFF_LEVEL if lift.stand and lift.stand.level is False else 0.0
    return row.bottom - CAR - 2.0 - beside


def _row(key: str, storey: Storey | None, across: tuple[float, float], pieces: Sequence[PieceView]) -> Row:
    amiss = [state for state in ORDER for piece in pieces if piece.state is state and state not in _QUIET]
    worst, more = amiss[0] if amiss else None, max(len(amiss) - 1, 0)
    return Row(key, storey.names if storey else None, *across, worst, more, storey.number if storey else None)


_QUIET: Final = frozenset({EquipmentState.NORMAL, EquipmentState.UNWATCHED})
