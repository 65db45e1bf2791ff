"""What was settled is kept for a while, and no longer. The ledger goes on saying that it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork

MOST_AT_ONCE: Final = 500
"""Deleted in one unit of work: nobody else writes meanwhile."""


class Forgetful(Protocol):
    """A store of what is settled one day: commands that were answered, announcements that were sent."""

    def forget(self, settled_before: datetime, limit: int, /) -> int:
        """Delete at most so many of those with which nothing was left to do by then; how many."""
        ...


class ForgetSettled:
    """`store`: which of a unit of work's; `kept`: how long, from when nothing was left to do, None keeps it."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, kept: timedelta | None, store: Callable[[UnitOfWork], Forgetful]
    ) -> None:
        self._units, self._clock, self._kept, self._store = units, clock, kept, store

    def __call__(self) -> int:
        """How many were forgotten. Raises Unavailable."""
        if self._kept is None:
            return 0
        with self._units.writing() as uow:
            count = self._store(uow).forget(self._clock.now() - self._kept, MOST_AT_ONCE)
            if count:
                uow.commit()
            return count
