"""What offers, needs and small tasks need from outside: a place to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloud.application.positions import Position
from cloud.domain.exchange.posting import Posting, Side
from cloud.domain.exchange.small_task import SmallTask


class Exchange(Protocol):
    """Saving raises cloud.errors.Conflict when somebody saved the same since it was read."""

    def posting(self, posting_id: str) -> Posting | None: ...

    def postings(self, estate: str, side: Side, *, limit: int, before: Position | None = None) -> Sequence[Posting]:
        """Open ones, newest first."""
        ...

    def offers_of(self, estate: str, capability: str) -> Sequence[Posting]:
        """Open offers with that capability."""
        ...

    def open_by(self, estate: str, member_id: str) -> int:
        """How many open offers and needs a member has."""
        ...

    def save_posting(self, posting: Posting) -> None: ...

    def small_task(self, small_task_id: str) -> SmallTask | None: ...

    def small_tasks(
        self, estate: str, *, over: bool, limit: int, before: Position | None = None
    ) -> Sequence[SmallTask]:
        """Those that are over, or those that are not, newest first."""
        ...

    def save_small_task(self, task: SmallTask) -> None: ...

    def written(self, estate: str, member_id: str | None) -> Sequence[Posting | SmallTask]:
        """All that this member (None: anybody) has posted, over or not, erased or not, by id."""
        ...
