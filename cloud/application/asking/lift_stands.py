"""Where lifts stand, by what their controllers or retrofit boxes said last."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final

from cloud.application.asking.building_views import Direction, LiftStand, ReadingView
from cloud.application.asking.views import TaskView
from cloud.application.timeseries import DAY, TimeSeriesReader, from_micros
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.community.storeys import believable, storey_names, storey_number
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.errors import ReadingsError
from schemas.hazards import hazard

POINTS: Final = ("floor", "direction", "moving", "at-level", "door-open", "service-mode", "in-maintenance")
"""What says where a lift is and what it does."""

WHERE_IT_COUNTS: Final = frozenset(
    {"lift.stopped-off-level", "lift.run-timeout", "lift.out-of-service", "lift.overspeed"}
)
"""Beside what threatens life in a lift: matters in which whoever goes there must know at which floor."""

_DIRECTIONS: Final[Mapping[str, Direction]] = {"up": "up", "down": "down"}
_log = logging.getLogger(__name__)


def stand_of(readings: Mapping[str, ReadingView], lift_id: str, register: Register) -> LiftStand:
    """By the latest reading of each point. A floor that no building has is not believed."""
    floor = _floor(readings)
    direction = readings.get("direction")
    told = [readings[point].at for point in ("floor", "at-level", "moving", "door-open") if point in readings]
    return LiftStand(
        floor=floor,
        names=None if floor is None else _floor_names(floor, lift_id, register),
        level=_truth(readings, "at-level"),
        moving=_truth(readings, "moving"),
        direction=_DIRECTIONS.get(str(direction.value)) if direction else None,
        door_open=_truth(readings, "door-open"),
        at=max(told, default=None),
    )


def _floor(readings: Mapping[str, ReadingView]) -> int | None:
    said = readings.get("floor")
    if said is None or isinstance(said.value, bool | str) or not believable(said.value):
        return None
    return round(said.value)


def _truth(readings: Mapping[str, ReadingView], point: str) -> bool | None:
    said = readings.get(point)
    return said.value if said is not None and isinstance(said.value, bool) else None


def _floor_names(floor: int, lift_id: str, register: Register) -> Names:
    """As the register calls that floor of the unit or building the lift is in."""
    lift = register.equipment.get(lift_id)
    around = lift.place_id if lift else register.estate.place_id
    for place in register.places:
        if place.kind is PlaceKind.FLOOR and is_within(place.id, around) and storey_number(place) == floor:
            return place.names
    return storey_names(floor)


def asks_where(task: TaskView) -> bool:
    """Whether it matters for this task on which floor the lift stands."""
    of_lift = task.equipment.kind is EquipmentKind.LIFT and hazard(task.hazard).family == "lift"
    return of_lift and task.resolved_at is None and (task.life_safety or task.hazard in WHERE_IT_COUNTS)


class Lifts:
    """Asks a store of readings. Used from any thread."""

    def __init__(self, readings: TimeSeriesReader) -> None:
        self._readings = readings
        self._served: dict[tuple[str, str], tuple[int, int]] = {}

    def stands(self, register: Register, equipment: Iterable[str]) -> dict[str, LiftStand]:
        """Of those among the equipment that are lifts and have said anything; of none while the store does not answer,
        since what rings must be shown without it.
        """
        lifts = [one for one in equipment if _is_lift(register, one)]
        if not lifts:
            return {}
        try:
            names = [f"{lift}/{point}" for lift in lifts for point in POINTS]
            latest = self._readings.latest(register.estate.id, names)
        except ReadingsError:
            _log.warning("where lifts stand is not known: the store of readings does not answer", exc_info=True)
            return {}
        found = {}
        for lift in lifts:
            readings = {
                point: ReadingView(point, said.value, from_micros(said.time))
                for point in POINTS
                if (said := latest.get(f"{lift}/{point}"))
            }
            if readings:
                found[lift] = stand_of(readings, lift, register)
        return found

    def of_tasks(self, register: Register, tasks: Iterable[TaskView]) -> dict[str, LiftStand]:
        """By equipment, for those tasks for which it matters."""
        return self.stands(register, {task.equipment.id for task in tasks if asks_where(task)})

    def served(self, estate: str, lift_id: str, stand: LiftStand | None, now: int) -> Iterable[int]:
        """The lowest and the highest floor at which it was seen: of the last week when it is asked for first, and since.
        A drawing that grew with each trip would jump. `now` in microseconds. Raises ReadingsError.
        """
        key = (estate, lift_id)
        known = self._served.get(key)
        ends = list(known or self._week(estate, lift_id, now))
        if stand is not None and stand.floor is not None:
            ends.append(stand.floor)
        if ends:
            self._served[key] = min(ends), max(ends)
        return self._served.get(key, ())

    def _week(self, estate: str, lift_id: str, now: int) -> Iterable[int]:
        for step in self._readings.steps(estate, f"{lift_id}/floor", now - 7 * DAY, now, 1):
            for end in (step.min, step.max):
                if end is not None and believable(end):
                    yield round(end)


def _is_lift(register: Register, equipment_id: str) -> bool:
    known = register.equipment.get(equipment_id)
    return known is not None and known.kind is EquipmentKind.LIFT
