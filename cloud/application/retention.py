"""Personal data are forgotten when their time is over, class by class, and what may stay is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.privacy import Periods

A_TIME: Final = 100
"""Rows of one unit of work: a few milliseconds, as nothing else is written meanwhile."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one round has forgotten. `more`: there is more to do at once."""

    unnamed: int
    folded: int
    letters: int
    more: bool


class ForgetPersonal:
    """One round, in short units of work. The ledger names no card and no text, so it stays as it is, and verifies."""

    def __init__(self, units: UnitsOfWork, clock: Clock, periods: Periods) -> None:
        self._units, self._clock, self._periods = units, clock, periods

    def __call__(self) -> Forgotten:
        now, periods = self._clock.now(), self._periods
        unnamed = self._some(lambda uow: uow.access.unname(now - periods.identified, A_TIME))
        folded = self._some(lambda uow: uow.access.fold(now - periods.pseudonymous, A_TIME))
        letters = self._some(lambda uow: uow.dead_letters.empty(now - periods.letters, A_TIME))
        return Forgotten(unnamed, folded, letters, more=A_TIME in {unnamed, folded, letters})

    def _some(self, forget: Callable[[UnitOfWork], int]) -> int:
        with self._units.writing() as uow:
            count = forget(uow)
            if count:
                uow.commit()
        return count
