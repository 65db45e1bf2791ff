"""Exercises name their points and their window; any other signal is real."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.errors import Conflict, Invalid

LONGEST: Final = timedelta(hours=8)
MOST_POINTS: Final = 500


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise. `equipment`: the points whose alarms belong to it, from `starts_at` until before `ends_at`."""

    id: str
    estate: str
    party_id: str
    planned_by: str
    equipment: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        faults = []
        if not 1 <= len(self.equipment) <= MOST_POINTS:
            faults.append(f"equipment: name 1 to {MOST_POINTS} points; an exercise without points would hide nothing")
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST:
            faults.append(f"until: it ends after it begins and within {LONGEST.total_seconds() / 3600:g} hours")
        if faults:
            raise Invalid("The exercise was not planned.", faults)

    def covers(self, equipment_id: str, at: datetime) -> bool:
        running = self.ended_at is None and self.starts_at <= at < self.ends_at
        return running and equipment_id in self.equipment

    def ended(self, now: datetime) -> Exercise:
        if self.ended_at is not None:
            raise Conflict("This exercise is over.", "演练已结束")
        return replace(self, ended_at=now)
