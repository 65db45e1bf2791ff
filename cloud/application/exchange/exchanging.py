"""Offers, needs and small tasks, put together for who serves them."""

from __future__ import annotations

from cloud.application.exchange.board import Board
from cloud.application.exchange.small_tasks import Confirmed, SmallTasks, nothing_follows
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.exchange.regulated import RegulatedLists


class Exchanging:
    """`confirmed`: what follows the confirmation of a small task (credit)."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        regulated: RegulatedLists,
        confirmed: Confirmed = nothing_follows,
    ) -> None:
        self.regulated = regulated
        self.board = Board(units, clock, ids, regulated)
        self.small_tasks = SmallTasks(units, clock, ids, regulated, confirmed)
