"""Offers, needs and small tasks, put together for who serves them."""

from __future__ import annotations

from collections.abc import Callable

from cloud.application.exchange.board import Board
from cloud.application.exchange.small_tasks import Confirmed, SmallTasks, nothing_follows
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.exchange.regulated import RegulatedLists


class Exchanging:
    """`regulated`: gives the lists of work that only who is licensed for it may offer; `confirmed`: what follows the confirmation of a small task (credit)."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        regulated: Callable[[], RegulatedLists],
        confirmed: Confirmed = nothing_follows,
    ) -> None:
        self._regulated = regulated
        self.board = Board(units, clock, ids, regulated)
        self.small_tasks = SmallTasks(units, clock, ids, regulated, confirmed)

    @property
    def regulated(self) -> RegulatedLists:
        """What only who is licensed for it may offer."""
        return self._regulated()
