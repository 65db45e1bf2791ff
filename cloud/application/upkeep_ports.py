"""What the upkeep of lifts and the patrols that were walked need of the storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from cloud.application.positions import Position
from cloud.domain.duties.upkeep import Upkeep
from cloud.domain.records.patrol import Patrol


class UpkeepBook(Protocol):
    def of(self, estate: str) -> Mapping[str, Upkeep]:
        """By equipment, what is known."""
        ...

    def save(self, upkeep: Upkeep) -> None: ...


class Patrols(Protocol):
    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Patrol]:
        """The latest first, from the one on that follows `before`."""
        ...

    def put(self, patrol: Patrol) -> None: ...
