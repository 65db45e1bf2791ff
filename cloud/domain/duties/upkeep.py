"""What the law asks of a lift's upkeep: a visit every 15 days, and an inspection that is applied for in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

MAINTENANCE_OVERDUE: Final = "lift.maintenance-overdue"
INSPECTION_DUE: Final = "lift.inspection-due"

BETWEEN_VISITS: Final = timedelta(days=15)
"""Special Equipment Safety Supervision Regulations art. 31."""

BEFORE_EXPIRY: Final = timedelta(days=60)
"""The application is due one month before the inspection expires (Special Equipment Safety Law art. 40); a month ahead of that
somebody sees to it (equipment.md).
"""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Of one lift, days of the estate's own calendar: `maintained_on` the last confirmed visit, `inspected_until` the last
    day on which its inspection holds. None: nobody has said so, and nothing is judged by it.
    """

    estate: str
    equipment: str
    maintained_on: date | None = None
    inspected_until: date | None = None

    def with_later(self, maintained_on: date | None, inspected_until: date | None) -> Upkeep:
        """What the estate's file says counts where nothing later is known."""
        return replace(
            self,
            maintained_on=_later(self.maintained_on, maintained_on),
            inspected_until=_later(self.inspected_until, inspected_until),
        )

    def visited_by(self, day: date | None) -> bool:
        """Whether that day says that somebody was there since the last visit that is known."""
        return day is not None and self.maintained_on is not None and day > self.maintained_on

    def hazards(self, today: date) -> frozenset[str]:
        """What is wrong on that day."""
        found = set()
        if self.maintained_on is not None and today > self.maintained_on + BETWEEN_VISITS:
            found.add(MAINTENANCE_OVERDUE)
        if self.inspected_until is not None and today >= self.inspected_until - BEFORE_EXPIRY:
            found.add(INSPECTION_DUE)
        return frozenset(found)


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)
