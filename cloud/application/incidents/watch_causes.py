"""What a cause has hidden is seen again once nobody takes it for a cause any more, although it goes on firing."""

from __future__ import annotations

from cloud.application.incidents.causes import Causes
from cloud.application.incidents.consequences import Consequences
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork


class WatchCauses:
    """Shows what a fire alarm hides whose task says that it was false, or that has gone on for longer than people take to leave
    a building: a detector that is stuck makes no door invisible. And whatever else is hidden by what is over, however it
    came to that. Raises Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many alarms and incidents were hidden and are no more, or are so by another cause."""
        with self._units.reading() as uow:
            found = [one.id for one in uow.registers.estates() if self._wrong(uow, one.id)]
        return sum(self._show(estate) for estate in found)

    def _wrong(self, uow: UnitOfWork, estate: str) -> int:
        causes = Causes(uow, estate, self._clock.now())
        return len(causes.forsaken()) + causes.misplaced()

    def _show(self, estate: str) -> int:
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            consequences = Consequences(uow, register, self._ids, now, "clock")
            wrong = self._wrong(uow, estate)
            consequences.look_again("clock")
            consequences.settle()
            uow.commit()
            return wrong
