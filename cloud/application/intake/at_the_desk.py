"""Whoever takes a call at the desk: where the caller may mean, and what is known there, whom to dial and who will be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloud.application.estates.keep_labels import LABELLED
from cloud.application.estates.sign_in import Identity
from cloud.application.intake.known_here import KnownHere, SpotView
from cloud.application.intake.who_is_told import Told, told_of
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind, is_within
from cloud.domain.community.storeys import storey_number
from cloud.domain.duties.register import PLACE_PREFIX, EquipmentKind, Register
from cloud.domain.incidents.report import Concern, spot_of
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class Where:
    """One thing or place that a caller may mean: `id` as reports name it."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class BuildingThere:
    """A building by its path, or the grounds around them all: its lifts, its doors, its floors from the lowest, itself."""

    id: str
    names: Names
    lifts: Sequence[Where]
    doors: Sequence[Where]
    floors: Sequence[Where]
    whole: Where


@dataclass(frozen=True, slots=True)
class CallersSpot:
    """What the desk knows of the spot, to read out before anything is sent. `building`: its path."""

    id: str
    building: str
    spot: SpotView
    told: Mapping[Concern, Told]


class AtTheDesk:
    """For whoever works in the estate. Raises NotFound, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, known_here: KnownHere) -> None:
        self._units, self._clock, self._known_here = units, clock, known_here

    def places(self, estate: str, viewer: Identity) -> Sequence[BuildingThere]:
        """Building 2 before building 10, the grounds last."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            home = register.estate.place_id
            buildings = [one for one in register.places if one.kind is PlaceKind.BUILDING and is_within(one.id, home)]
            return [_there(register, one) for one in (*sorted(buildings, key=_by_number), register.places.get(home))]

    def spot(self, estate: str, equipment: str, viewer: Identity) -> CallersSpot:
        """Of equipment, or of a place as `Where` names it."""
        code = code_of(equipment)
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            spot = spot_of(code, register)
            told = told_of(uow, register, spot, self._clock.now())
        return CallersSpot(spot.equipment_id, register.building_of(spot.place_id), self._known_here(estate, code), told)

    def shows(self, incident_id: str, viewer: Identity) -> bool:
        """Whether whoever took the call sees what became of it: not every party's people do."""
        with self._units.reading() as uow:
            task = uow.tasks.of_incident(incident_id)
            register = uow.registers.find(task.estate) if task else None
            if task is None or register is None or task.estate not in viewer.estates:
                return False
            return Sight(uow, register, viewer).task(task)


def code_of(equipment: str) -> str:
    """What a report calls it: of a place the path below the estate."""
    return equipment.removeprefix(PLACE_PREFIX)


def _there(register: Register, place: Place) -> BuildingThere:
    places, home = register.places, register.estate.place_id

    def here(place_id: str) -> bool:
        building = places.nearest(place_id, PlaceKind.BUILDING)
        return is_within(place_id, home) and (building.id if building else home) == place.id

    def named(one: Place) -> Where:
        """Within the building by unit and floor; of the estate itself no path is left."""
        return Where(PLACE_PREFIX + one.id.removeprefix(home).removeprefix("/"), places.address(one.id, PlaceKind.UNIT))

    things = [one for one in register.equipment.values() if one.kind in LABELLED and here(one.place_id)]
    things.sort(key=lambda one: one.id)
    floors = [one for one in places if one.kind is PlaceKind.FLOOR and here(one.id)]
    floors.sort(key=lambda one: (one.parent_id or "", storey_number(one) or 0, one.id))
    return BuildingThere(
        place.id,
        place.names,
        [Where(one.id, one.names) for one in things if one.kind is EquipmentKind.LIFT],
        [Where(one.id, one.names) for one in things if one.kind is not EquipmentKind.LIFT],
        [named(one) for one in floors],
        Where(PLACE_PREFIX + place.id.removeprefix(home).removeprefix("/"), place.names),
    )


def _by_number(place: Place) -> tuple[int, str]:
    """Building 2 before building 10."""
    digits = "".join(letter for letter in place.id.rpartition("/")[2] if letter.isdigit())
    return int(digits or 0), place.id


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register
