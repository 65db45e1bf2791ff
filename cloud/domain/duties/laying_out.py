"""Buildings said in a line become places and equipment of an estate, beside what stands there already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cloud.domain.community.names import Names, joined
from cloud.domain.community.quick_building import QuickBuilding, floor_key, floor_names
from cloud.domain.duties.amending import Amendment
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Equipment, EquipmentKind


def laid_out(known: EstateDescription, buildings: Iterable[QuickBuilding]) -> Amendment:
    """What the lines say beyond what is known: a place or a piece of equipment that is there stays as it is called."""
    home, region = known.estate.place_id, known.estate.days.region
    buildings = tuple(buildings)
    there = {place.id for place in known.places}
    places = [place for one in buildings for place in one.places(home, region) if place.id not in there]
    has = {item.id for item in known.equipment}
    equipment = [item for one in buildings for item in _equipment(one, home, region) if item.id not in has]
    return Amendment(places=tuple(places), equipment=tuple(equipment))


def _equipment(building: QuickBuilding, home: str, region: str) -> Iterator[Equipment]:
    place = f"{home}/{building.key}"
    entrance = building.entrance(region)
    street = place if entrance is None else f"{place}/{floor_key(entrance)}"
    for number in range(1, building.lifts + 1):
        names = Names(f"{number}号梯", f"Lift {number}")
        yield Equipment(f"{building.key}/lift-{number}", EquipmentKind.LIFT, place, names)
    for number in range(1, building.doors + 1):
        names = Names(f"{number}号门", f"Door {number}")
        yield Equipment(f"{building.key}/door-{number}", EquipmentKind.ACCESS_GATE, street, names)
    for floor in building.floors(region):
        said = floor_names(floor)
        for number in range(1, building.detectors + 1):
            names = Names(joined((said.zh, f"{number}号烟感")), f"{said.en} detector {number}")
            key = f"{building.key}/smoke-{floor_key(floor)}-{number}"
            yield Equipment(key, EquipmentKind.SMOKE_DETECTOR, f"{place}/{floor_key(floor)}", names)
