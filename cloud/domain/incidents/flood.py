"""Floods: more alarms than a person can take in are told as one, counted and named; life safety never is.

The one place of the rule. ISA-18.2 and EEMUA 191 call it a flood when more than ten alarms reach one operator in ten
minutes. From there on messages to that person go as summaries, and the board shows one entry that opens.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Final

from cloud.domain.community.names import Names, joined
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import NODE_PREFIX, EquipmentKind, Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.silence import shared_place

FLOOD_WINDOW: Final = timedelta(minutes=10)
MOST_SINGLE: Final = 10
"""So many in the window a person can take in one by one (EEMUA 191); one more is a flood."""

SUMMARY_EVERY: Final = timedelta(minutes=2)
"""During a flood nobody gets more than one summary in this time. Short against the ten minutes in which a door is
answered for, so that no summary makes a clock run out that a message would have kept.
"""

_NOUNS: Final = {
    EquipmentKind.LIFT: ("部电梯", "lift", "lifts"),
    EquipmentKind.ACCESS_GATE: ("扇门", "door", "doors"),
    EquipmentKind.SMOKE_DETECTOR: ("只探测器", "detector", "detectors"),
    EquipmentKind.NODE: ("个节点", "node", "nodes"),
    EquipmentKind.OTHER: ("处其他设备", "other", "others"),
}


def folds(incident: Incident) -> bool:
    """Whether it may be told within a summary. Nothing automatic folds life safety away, an exercise of it neither."""
    return not incident.life_safety


def is_flood(incidents: Collection[str]) -> bool:
    """Whether so many incidents that reach one person within the window are more than they can take in."""
    return len(incidents) > MOST_SINGLE


def next_summary(last: datetime | None, now: datetime) -> datetime:
    """When the next summary may go to somebody who had the last one then."""
    return now if last is None else max(now, last + SUMMARY_EVERY)


@dataclass(frozen=True, slots=True)
class Flood:
    """Incidents that are told as one, the oldest first. `id` is the first one's; any other of them finds it as well."""

    place_id: str
    incidents: tuple[Incident, ...]

    @classmethod
    def of(cls, incidents: Iterable[Incident], register: Register) -> Flood:
        """These as one, at the smallest place of the estate that holds them all."""
        ordered = tuple(sorted(incidents, key=lambda incident: (incident.opened_at, incident.id)))
        place = reduce(shared_place, (incident.place_id for incident in ordered))
        return cls(place if is_within(place, register.estate.place_id) else register.estate.place_id, ordered)

    @property
    def id(self) -> str:
        return self.incidents[0].id

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(incident.id for incident in self.incidents)

    @property
    def minutes(self) -> int:
        """How long it took them to come, in whole minutes, at least one."""
        took = self.incidents[-1].opened_at - self.incidents[0].opened_at
        return max(math.ceil(took / timedelta(minutes=1)), 1)

    def words(self, register: Register) -> Names:
        """How many incidents, where, and what is affected: pieces of equipment, each counted once."""
        place = register.places.address(self.place_id) if self.place_id in register.places else register.estate.names
        count = len(self.incidents)
        found = self._equipment(register)
        zh = "、".join(f"{number}{_NOUNS[kind][0]}" for kind, number in found)
        en = ", ".join(f"{number} {_NOUNS[kind][1 if number == 1 else 2]}" for kind, number in found)
        incidents = "incidents" if count > 1 else "incident"
        within = f"{self.minutes} minutes" if self.minutes > 1 else "a minute"
        return Names(
            joined((place.zh, f"{self.minutes}分钟内{count}起事件：{zh}")),
            f"{count} {incidents} in {place.en} within {within}: {en}",
        )

    def _equipment(self, register: Register) -> Sequence[tuple[EquipmentKind, int]]:
        affected = {incident.equipment_id: _kind(incident.equipment_id, register) for incident in self.incidents}
        kinds = list(affected.values())
        return [(kind, kinds.count(kind)) for kind in _NOUNS if kind in kinds]


def floods(incidents: Iterable[Incident], register: Register) -> list[Flood]:
    """The floods among them: by building first, then what is left over the estate. Exercises and what is real never mix."""
    known = sorted(filter(folds, incidents), key=lambda incident: (incident.opened_at, incident.id))
    by_building: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for incident in known:
        by_building[incident.mode, register.building_of(incident.place_id)].append(incident)
    found = [Flood.of(run, register) for group in by_building.values() for run in _runs(group)]
    taken = frozenset().union(*(flood.ids for flood in found))
    for mode in ("real", "exercise"):
        left = [incident for incident in known if incident.id not in taken and incident.mode == mode]
        found += [Flood.of(run, register) for run in _runs(left)]
    return found


def _runs(incidents: Sequence[Incident]) -> list[Sequence[Incident]]:
    """Stretches in which each lies in some window with more than `MOST_SINGLE`; windows that overlap are one flood."""
    runs: list[list[int]] = []
    for first in range(len(incidents) - MOST_SINGLE):
        last = first + MOST_SINGLE
        if incidents[last].opened_at - incidents[first].opened_at > FLOOD_WINDOW:
            continue
        if runs and first <= runs[-1][1]:
            runs[-1][1] = last
        else:
            runs.append([first, last])
    return [incidents[first : last + 1] for first, last in runs]


def _kind(equipment_id: str, register: Register) -> EquipmentKind:
    known = register.equipment.get(equipment_id)
    if known is not None:
        return known.kind
    return EquipmentKind.NODE if equipment_id.startswith(NODE_PREFIX) else EquipmentKind.OTHER
