"""How good the alarms of an estate and of each of its buildings are, for who can make them better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.asking.queries import Viewer
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.sight import Raised, Sight
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.incidents.alarm_quality import AlarmQuality, alarm_quality
from cloud.errors import Invalid, NotFound

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class BuildingQuality:
    """The figures of one building."""

    building: str
    names: Names
    quality: AlarmQuality


@dataclass(frozen=True, slots=True)
class QualityView:
    """Of the whole estate, or of `building`, and building by building. `names` and `nodes` of the equipment that is named."""

    building: str | None
    quality: AlarmQuality
    buildings: Sequence[BuildingQuality]
    names: Mapping[str, Names]
    nodes: Mapping[str, str]


class AskAlarmQuality:
    """An estate the viewer has nothing to do with does not exist for them: NotFound. What a viewer
    may not see does not count for them.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self,
        estate: str,
        viewer: Viewer,
        *,
        days: int = 30,
        start: datetime | None = None,
        end: datetime | None = None,
        building: str | None = None,
    ) -> QualityView:
        """From `start` until before `end`, by default the last days until now. Raises Invalid, NotFound."""
        end = end or self._clock.now()
        start = _begin(start, end, days)
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            buildings = {place.id: place.names for place in register.places if place.kind is PlaceKind.BUILDING}
            if building is not None and building not in buildings:
                raise NotFound(f"There is no building {building!r} in estate {estate!r}.", "没有这栋楼")
            sight = Sight(uow, register, viewer)
            found = uow.alerts.records(estate, start, end)
            records = sight.raised(found, lambda one: Raised(one.hazard, one.place_id, one.incident_id))
        by_building = {
            place: alarm_quality((one for one in records if is_within(one.place_id, place)), start, end)
            for place in buildings
        }
        whole = by_building[building] if building else alarm_quality(records, start, end)
        return QualityView(
            building,
            whole,
            [BuildingQuality(place, buildings[place], found) for place, found in by_building.items()],
            {item.id: item.names for item in register.equipment.values()},
            {item.id: item.node_id for item in register.equipment.values() if item.node_id},
        )


def _begin(start: datetime | None, end: datetime, days: int) -> datetime:
    try:
        start = start or end - timedelta(days=days)
    except OverflowError as error:
        raise Invalid("There are no such figures.", ["to: lies before the first days of the calendar"]) from error
    if not timedelta() < end - start <= LONGEST:
        raise Invalid("There are no such figures.", [f"from: give at most {LONGEST.days} days, 'from' before 'to'"])
    return start
