"""Links and sessions open nothing once they have ended; a while later they are forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cloud.application.ports import Clock, UnitsOfWork

KEPT_FOR: Final = timedelta(days=1)
"""After its end, so that whoever opens one is told that it has ended, not that there never was one."""


class PurgeLinks:
    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self) -> int:
        """How many were forgotten."""
        with self._units.writing() as uow:
            forgotten = uow.keys.purge_links(self._clock.now() - KEPT_FOR)
            if forgotten:
                uow.commit()
        return forgotten
