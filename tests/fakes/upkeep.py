"""The upkeep of lifts and the patrols that were walked, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cloud.application.positions import Position
from cloud.domain.duties.upkeep import Upkeep
from cloud.domain.records.patrol import Patrol


@dataclass
class Kept:
    upkeep: dict[tuple[str, str], Upkeep] = field(default_factory=dict)
    patrols: dict[str, Patrol] = field(default_factory=dict)


class FakeUpkeep:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept.upkeep

    def of(self, estate: str) -> Mapping[str, Upkeep]:
        return {one.equipment: one for _, one in sorted(self._kept.items()) if one.estate == estate}

    def save(self, one: Upkeep) -> None:
        self._kept[one.estate, one.equipment] = one


class FakePatrols:
    def __init__(self, kept: Kept) -> None:
        self._kept = kept.patrols

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Patrol]:
        found = [one for one in self._kept.values() if one.estate == estate]
        found = [one for one in found if before is None or (one.at, one.id) < before]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]

    def put(self, patrol: Patrol) -> None:
        self._kept[patrol.id] = patrol
