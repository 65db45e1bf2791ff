"""One piece of equipment over a time: what it says now, at which values it raises an alarm, and when it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from cloud.application.asking.building import AskBuildings
from cloud.application.asking.building_views import PieceView
from cloud.application.asking.depict import Depiction
from cloud.application.asking.views import AlertView, PlaceView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.community.place import PlaceKind
from cloud.domain.duties.register import Equipment, Register
from cloud.errors import NotFound
from schemas.conditions import All, AnyOf, Condition, Limit
from schemas.hazards import hazard


@dataclass(frozen=True, slots=True)
class LevelView:
    """A value at which a rule in force raises an alarm of that hazard."""

    value: float
    hazard: str


@dataclass(frozen=True, slots=True)
class OnsetView:
    """An alarm of it, with the incident it belongs to."""

    alert: AlertView
    incident_id: str | None
    exercise: bool


@dataclass(frozen=True, slots=True)
class CourseView:
    """`levels` by point: of the rules in force, or where those are not known, of the alarms that were raised. `alarms`: those that fire or ended in the time asked for, the latest first. `building`: where it is
    drawn.
    """

    piece: PieceView
    building: PlaceView
    levels: Mapping[str, Sequence[LevelView]]
    alarms: Sequence[OnsetView]
    since: datetime
    now: datetime
    seq: int


class AskEquipment:
    """What stands in no register of the viewer's does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock, buildings: AskBuildings) -> None:
        self._units, self._clock, self._buildings = units, clock, buildings

    def __call__(self, estate: str, equipment_id: str, length: timedelta, viewer: Identity) -> CourseView:
        """`length`: how far back from now."""
        piece = self._buildings.piece(estate, equipment_id, viewer)
        now = self._clock.now()
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            item = register.equipment.get(equipment_id) if register is not None and estate in viewer.estates else None
            if register is None or item is None:
                raise NotFound(f"There is no equipment {equipment_id!r} among yours.", "您没有这台设备")
            depict, sight = Depiction(register, now), Sight(uow, register, viewer)
            found = uow.alerts.of_equipment(estate, equipment_id, now - length)
            alarms = [
                OnsetView(depict.alert(alert), alert.incident_id, alert.fingerprint.mode == "exercise")
                for alert in sight.alerts(found)
            ]
            return CourseView(
                piece=piece,
                building=depict.place(_drawn_in(register, item)),
                levels=_levels(uow, estate, item) or _levels_of(alarms),
                alarms=alarms,
                since=now - length,
                now=now,
                seq=uow.ledger.head(estate).seq,
            )


def _drawn_in(register: Register, item: Equipment) -> str:
    building = register.places.nearest(item.place_id, PlaceKind.BUILDING)
    return building.id if building else register.estate.place_id


def _levels(uow: UnitOfWork, estate: str, item: Equipment) -> Mapping[str, Sequence[LevelView]]:
    """By the rules in force at its node, as far as the node has told them or was told them."""
    known = uow.configurations.latest(estate, item.node_id) if item.node_id else None
    if known is None:
        return {}
    try:
        rules = known.document.effective_rules()
    except ValidationError:
        return {}
    found: dict[str, dict[float, LevelView]] = {}
    for rule in rules:
        if rule.equipment == item.id:
            for limit in _limits(rule.when):
                value = limit.above if limit.above is not None else limit.below
                if value is not None:
                    # Of several rules at one value the graver is told.
                    level, before = LevelView(value, rule.hazard), found.setdefault(limit.point, {}).get(value)
                    if before is None or hazard(before.hazard).severity < hazard(rule.hazard).severity:
                        found[limit.point][value] = level
    return {point: [levels[value] for value in sorted(levels)] for point, levels in found.items()}


def _levels_of(alarms: Sequence[OnsetView]) -> Mapping[str, Sequence[LevelView]]:
    found: dict[str, dict[float, LevelView]] = {}
    for alert in (one.alert for one in alarms):
        if alert.point is not None and alert.threshold is not None:
            found.setdefault(alert.point, {})[alert.threshold] = LevelView(alert.threshold, alert.hazard)
    return {point: list(levels.values()) for point, levels in found.items()}


def _limits(condition: Condition) -> Iterator[Limit]:
    """Those that raise it. What must not be so is no threshold."""
    if isinstance(condition, Limit):
        yield condition
    elif isinstance(condition, All | AnyOf):
        for one in condition.of:
            yield from _limits(one)
