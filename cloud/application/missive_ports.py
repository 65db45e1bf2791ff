"""What messages that belong to no task need of the storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.records.missive import Missive


class Missives(Protocol):
    def get(self, missive_id: str) -> Missive | None: ...

    def about(self, subject_id: str) -> Sequence[Missive]:
        """Those about that exercise or report, oldest first."""
        ...

    def due(self, now: datetime, limit: int = 20) -> Sequence[Missive]:
        """Whose next attempt is due, oldest first; locked for this unit of work where it may write."""
        ...

    def save(self, missive: Missive) -> None: ...

    def forget(self, settled_before: datetime, limit: int) -> int:
        """Delete those with which nothing was left to do by then, the oldest first; how many."""
        ...
