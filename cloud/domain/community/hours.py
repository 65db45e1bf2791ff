"""When a duty or a party is in force: weekly hours in the estate's own time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

_MIDNIGHT: Final = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours. `days` are ISO weekdays (1 Monday … 7 Sunday); `end` not after `start` runs past midnight."""

    days: frozenset[int] = frozenset(range(1, 8))
    start: time = _MIDNIGHT
    end: time = _MIDNIGHT

    @property
    def always(self) -> bool:
        return len(self.days) == 7 and self.start == self.end  # noqa: PLR2004 - the days of a week

    def cover(self, local: datetime) -> bool:
        """Whether that moment, in the estate's time zone, lies within. A night shift belongs to the day it began."""
        if self.start < self.end:
            return local.isoweekday() in self.days and self.start <= local.time() < self.end
        began_today = local.isoweekday() in self.days and local.time() >= self.start
        yesterday = (local - timedelta(days=1)).isoweekday()
        return began_today or (yesterday in self.days and local.time() < self.end)


ALWAYS: Final = Hours()
