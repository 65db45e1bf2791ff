"""Announcements and links that were sent are kept for a while, and no longer. The ledger goes on saying that they went."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cloud.application.ports import Clock, UnitsOfWork

MOST_AT_ONCE: Final = 500
"""Deleted in one unit of work: nobody else writes meanwhile."""


class ForgetMissives:
    """`kept`: how long, from when nothing was left to do with them; None keeps them."""

    def __init__(self, units: UnitsOfWork, clock: Clock, kept: timedelta | None) -> None:
        self._units, self._clock, self._kept = units, clock, kept

    def __call__(self) -> int:
        """How many were forgotten. Raises Unavailable."""
        if self._kept is None:
            return 0
        with self._units.writing() as uow:
            count = uow.missives.forget(self._clock.now() - self._kept, MOST_AT_ONCE)
            if count:
                uow.commit()
            return count
