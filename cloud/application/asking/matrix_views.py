"""What is shown of the matrix of duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.work_calendar import Running
from schemas.hazards import Severity


@dataclass(frozen=True, slots=True)
class HoursView:
    """Weekly hours by the estate's clock: ISO weekdays, and from when until when; an end not after the start is on the next day."""

    days: Sequence[int]
    start: time
    end: time

    @classmethod
    def of(cls, hours: Hours) -> HoursView:
        return cls(sorted(hours.days), hours.start, hours.end)


@dataclass(frozen=True, slots=True)
class DutyView:
    """A row of the matrix. `hours` None: always. `severity`: from which it holds; `arrive_s`: seconds to be on site, and
    `outside_towns_s` where a township serves the place.
    """

    id: str
    hazards: Sequence[str]
    place_id: str
    leads: Sequence[str]
    supports: Sequence[str]
    observers: Sequence[str]
    tto_s: float
    ttr_s: float
    needs: Sequence[str]
    basis: Names
    basis_seen: bool | None
    calendar: Running
    hours: HoursView | None
    arrive_s: float | None
    outside_towns_s: float | None
    severity: Severity
