"""What is shown of a building: its storeys, and each piece of equipment with its state, its latest readings and its matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cloud.application.asking.views import PlaceView
from cloud.application.timeseries import Value
from cloud.domain.community.names import Names
from cloud.domain.community.storeys import Storey
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.incidents.alert import Mode
from cloud.domain.incidents.equipment_state import EquipmentState
from cloud.domain.tasks.task import TaskState
from schemas.hazards import Severity

Direction = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class ReadingView:
    """The latest reading of a point."""

    point: str
    value: Value
    at: datetime


@dataclass(frozen=True, slots=True)
class LiftStand:
    """Where a lift stands, as it last said. None: it does not say, as a retrofit box does not know its floor. `at`: when it said so last; `floor`
    is the one nearest to the car, at which it stands only where `level` says so.
    """

    floor: int | None
    names: Names | None
    level: bool | None
    moving: bool | None
    direction: Direction | None
    door_open: bool | None
    at: datetime | None

    @property
    def revision(self) -> str:
        """Changes whenever what is said of it does, but for how old it is."""
        return f"{self.floor}|{self.level}|{self.moving}|{self.direction}|{self.door_open}"


@dataclass(frozen=True, slots=True)
class MatterHere:
    """An open matter of a building. `equipment_id` is what governs it."""

    incident_id: str
    hazard_names: Names
    address: Names
    equipment_id: str
    severity: Severity
    life_safety: bool
    mode: Mode
    state: TaskState
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class PieceView:
    """A piece of equipment. `states`: all that holds, the gravest first. `readings` by point; `stand` where it is a lift.
    `hazards`: what fires at it now. `heard_at`: when its node was last heard.
    """

    id: str
    kind: EquipmentKind
    names: Names
    place_id: str
    where: Names
    states: tuple[EquipmentState, ...]
    hazards: Sequence[Names]
    readings: Mapping[str, ReadingView]
    stand: LiftStand | None
    heard_at: datetime | None
    matters: Sequence[MatterHere]

    @property
    def state(self) -> EquipmentState:
        return self.states[0]

    @property
    def opened(self) -> bool:
        """Of a door: whether it stands open, as it said last."""
        said = self.readings.get("open")
        return said is not None and said.value is True


@dataclass(frozen=True, slots=True)
class PartView:
    """A unit of a building with its own shafts, or the building itself where it has none (`place`)."""

    place: PlaceView
    storeys: Sequence[Storey]
    pieces: Sequence[PieceView]


@dataclass(frozen=True, slots=True)
class BuildingView:
    """`public`: shown to somebody who sees public matters only, so lifts and nothing of doors and detectors. `read` False: the
    store of readings does not answer. `seq`: the ledger's head.
    """

    place: PlaceView
    parts: Sequence[PartView]
    matters: Sequence[MatterHere]
    public: bool
    read: bool
    seq: int
    now: datetime

    @property
    def pieces(self) -> list[PieceView]:
        return [piece for part in self.parts for piece in part.pieces]


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building in the list of them: how many pieces of it are in each state."""

    place: PlaceView
    states: Mapping[EquipmentState, int]
    lifts: Sequence[PieceView]
    matters: Sequence[MatterHere]

    @property
    def pieces(self) -> int:
        return sum(self.states.values())
