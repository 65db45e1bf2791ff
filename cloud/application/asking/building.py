"""A building as it stands now: storeys, lifts where they are, doors and detectors, each in its state, and its open matters."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cloud.application.asking.building_scene import UNHEARD_AFTER, Scene, home_of, scene_of
from cloud.application.asking.building_views import BuildingRow, BuildingView, PartView, PieceView, ReadingView
from cloud.application.asking.depict import Depiction
from cloud.application.asking.lift_stands import POINTS as OF_LIFTS
from cloud.application.asking.lift_stands import Lifts, stand_of
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.timeseries import TimeSeriesReader, from_micros, to_micros
from cloud.domain.community.place import Place, PlaceKind, is_within
from cloud.domain.community.storeys import storey_number, storeys
from cloud.domain.duties.register import Equipment, EquipmentKind, Register
from cloud.domain.fleet.node import Node
from cloud.domain.incidents.equipment_state import states_of
from cloud.errors import NotFound, ReadingsError
from schemas.points import POINTS

TELLING: Final[Mapping[EquipmentKind, tuple[str, ...]]] = {
    EquipmentKind.LIFT: (*OF_LIFTS, "speed", "load", "fault-code", "alarm-button"),
    EquipmentKind.SMOKE_DETECTOR: ("alarm", "fault", "obscuration-per-metre", "temperature", "co", "battery-low"),
    EquipmentKind.ACCESS_GATE: ("open", "unlocked", "released", "obstructed", "tamper"),
}
"""Whose latest readings are shown beside each kind of equipment, most telling first."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Latest:
    """The latest readings by equipment and point, and whether the store of readings answered."""

    of: Mapping[str, Mapping[str, ReadingView]]
    answered: bool = True


class AskBuildings:
    """An estate or a place that the viewer has nothing to do with does not exist for them: NotFound. A resident sees the
    buildings in which their party serves, and of them lifts and public matters; everybody else what their duties concern.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, readings: TimeSeriesReader) -> None:
        self._units, self._clock, self._readings = units, clock, readings
        self.lifts = Lifts(readings)

    def estate_of(self, place_id: str, viewer: Identity) -> str:
        """The estate of the viewer's in which that place lies."""
        with self._units.reading() as uow:
            for estate in viewer.estates:
                register = uow.registers.find(estate)
                if (
                    register is not None
                    and place_id in register.places
                    and is_within(place_id, register.estate.place_id)
                ):
                    return estate
        raise NotFound(f"There is no place {place_id!r} in an estate of yours.", "您的小区中没有这个地点")

    def rows(self, estate: str, viewer: Identity) -> list[BuildingRow]:
        """Every building, and what stands in none of them as the estate's own grounds."""
        scene = self._scene(estate, viewer)
        found = []
        for place in buildings_of(scene):
            items = list(_within(scene, place))
            matters = scene.matters.get(place.id, ())
            if place.kind is PlaceKind.ESTATE and not items and not matters:
                continue
            latest = self._latest(estate, items)
            pieces = [_piece(scene, item, latest) for item in items]
            states = Counter(piece.state for piece in pieces)
            lifts = [piece for piece in pieces if piece.kind is EquipmentKind.LIFT]
            found.append(BuildingRow(scene.depict.place(place.id), states, lifts, matters))
        return found

    def __call__(self, place_id: str, viewer: Identity) -> BuildingView:
        estate = self.estate_of(place_id, viewer)
        scene = self._scene(estate, viewer)
        place = next((one for one in buildings_of(scene) if one.id == place_id), None)
        if place is None:
            raise NotFound(f"{place_id!r} is no building of yours.", "这不是您的楼栋")
        items = list(_within(scene, place))
        latest = self._latest(estate, items)
        pieces = [_piece(scene, item, latest) for item in items]
        return BuildingView(
            place=scene.depict.place(place.id),
            parts=[
                self._part(scene, one, pieces, read=latest.answered) for one in _parts(scene.register, place, items)
            ],
            matters=scene.matters.get(place.id, ()),
            public=scene.public,
            read=latest.answered,
            seq=scene.seq,
            now=scene.depict.now,
        )

    def piece(self, estate: str, equipment_id: str, viewer: Identity) -> PieceView:
        """One piece of equipment, with the latest reading of every point that its kind can have."""
        scene = self._scene(estate, viewer)
        item = scene.register.equipment.get(equipment_id)
        if item is None or item.id not in scene.equipment or (scene.public and item.kind is not EquipmentKind.LIFT):
            raise NotFound(f"There is no equipment {equipment_id!r} among yours.", "您没有这台设备")
        return _piece(scene, item, self._latest(estate, [item], whole=True))

    def _part(self, scene: Scene, place: Place, pieces: Sequence[PieceView], *, read: bool) -> PartView:
        units = [one.id for one in scene.register.places if one.kind is PlaceKind.UNIT and one.id != place.id]

        def here(place_id: str) -> bool:
            return is_within(place_id, place.id) and not any(is_within(place_id, unit) for unit in units)

        own = [piece for piece in pieces if here(piece.place_id)]
        floors = [one for one in scene.register.places if one.kind is PlaceKind.FLOOR and here(one.id)]
        now, estate = to_micros(scene.depict.now), scene.register.estate.id
        seen: list[int] = []
        for piece in own:
            if piece.stand is not None and read:
                seen += self.lifts.served(estate, piece.id, piece.stand, now)
        return PartView(scene.depict.place(place.id), storeys(floors, seen), own)

    def _latest(self, estate: str, items: Sequence[Equipment], *, whole: bool = False) -> Latest:
        points = _every_point if whole else _telling
        wanted = [f"{item.id}/{point}" for item in items for point in points(item)]
        try:
            latest = self._readings.latest(estate, wanted) if wanted else {}
        except ReadingsError:
            _log.warning("a building is shown without readings: their store does not answer", exc_info=True)
            return Latest({}, answered=False)
        found: dict[str, dict[str, ReadingView]] = {}
        for name in wanted:
            said = latest.get(name)
            if said is not None:
                equipment, _, point = name.rpartition("/")
                found.setdefault(equipment, {})[point] = ReadingView(point, said.value, from_micros(said.time))
        return Latest(found)

    def _scene(self, estate: str, viewer: Identity) -> Scene:
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in viewer.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            return scene_of(uow, Depiction(register, self._clock.now()), viewer)


def _telling(item: Equipment) -> Iterable[str]:
    return TELLING.get(item.kind, ())


def _every_point(item: Equipment) -> Iterable[str]:
    return next((table for kind, table in POINTS.items() if kind == item.kind), ())


def buildings_of(scene: Scene) -> Iterator[Place]:
    """Those that the viewer sees, in the order of their names' numbers; the estate itself, for its grounds, last."""
    register = scene.register
    home = register.estate.place_id
    areas = [area for one in scene.viewer.member.memberships for area in register.party(one.party_id).serves]
    places = [one for one in register.places if one.kind is PlaceKind.BUILDING and is_within(one.id, home)]
    for place in [*sorted(places, key=_by_number), register.places.get(home)]:
        theirs = any(is_within(place.id, area) or is_within(area, place.id) for area in areas)
        if theirs or not scene.public:
            yield place


def _by_number(place: Place) -> tuple[int, str]:
    """Building 2 before building 10."""
    digits = "".join(letter for letter in place.id.rpartition("/")[2] if letter.isdigit())
    return int(digits or 0), place.id


def _within(scene: Scene, place: Place) -> Iterator[Equipment]:
    """Lifts first, then from the top floor down; doors and detectors are not for who sees public matters only."""
    places = scene.register.places

    def order(item: Equipment) -> tuple[bool, bool, int, EquipmentKind, str]:
        number = storey_number(places.get(item.place_id)) if item.place_id in places else None
        return item.kind is not EquipmentKind.LIFT, number is None, -(number or 0), item.kind, item.id

    for item in sorted(scene.register.equipment.values(), key=order):
        if scene.public and item.kind is not EquipmentKind.LIFT:
            continue
        if item.id in scene.equipment and home_of(scene.register, item.place_id) == place.id:
            yield item


def _parts(register: Register, building: Place, items: Sequence[Equipment]) -> list[Place]:
    """The units in which anything stands, and the building for what stands in none of them."""
    units = [one for one in register.places if one.kind is PlaceKind.UNIT and is_within(one.id, building.id)]
    units = [unit for unit in units if any(is_within(item.place_id, unit.id) for item in items)]
    rest = any(not any(is_within(item.place_id, unit.id) for unit in units) for item in items)
    return [*units, building] if rest or not units else units


def _piece(scene: Scene, item: Equipment, latest: Latest) -> PieceView:
    readings = latest.of.get(item.id, {})
    alerts = scene.alerts.get(item.id, ())
    node = scene.nodes.get(item.node_id or "")
    inspected = readings.get("in-maintenance")
    building = home_of(scene.register, item.place_id)
    return PieceView(
        id=item.id,
        kind=item.kind,
        names=item.names,
        place_id=item.place_id,
        where=scene.register.places.address(item.place_id, PlaceKind.UNIT),
        states=states_of(
            alerts,
            watched=item.node_id is not None,
            heard=_lives(node) and (not latest.answered or _fresh(scene, item, readings)),
            worked_on=(inspected is not None and inspected.value is True) or scene.worked_on(item),
            exercised=scene.exercised(item),
        ),
        hazards=[scene.depict.alert(alert).hazard_names for alert in alerts],
        readings=readings,
        stand=stand_of(readings, item.id, scene.register) if item.kind is EquipmentKind.LIFT else None,
        heard_at=node.heard_at if node else None,
        matters=[one for one in scene.matters.get(building, ()) if one.equipment_id == item.id],
    )


def _lives(node: Node | None) -> bool:
    return node is not None and node.online and node.silent_occurrence is None


def _fresh(scene: Scene, item: Equipment, readings: Mapping[str, ReadingView]) -> bool:
    """Whether the newest of its readings is no older than it may be; of a kind that has none, its node's word counts."""
    newest = max((reading.at for reading in readings.values()), default=None)
    if newest is None:
        return item.kind not in TELLING
    return scene.depict.now - newest <= scene.silences.get(item.id, UNHEARD_AFTER)
