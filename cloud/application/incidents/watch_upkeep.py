"""A lift that nobody has maintained for 15 days, or whose inspection expires soon: raised from dates, cleared by later ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.watched_equipment import About, bring_into_line
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.duties.upkeep import INSPECTION_DUE, MAINTENANCE_OVERDUE

_HAZARDS: Final = frozenset({MAINTENANCE_OVERDUE, INSPECTION_DUE})


class WatchUpkeep:
    """Raises `lift.maintenance-overdue` and `lift.inspection-due` of the lifts whose dates are known, and clears each when a visit
    was confirmed, a later inspection noted, or the lift has left the register. A lift of which no date is known is judged
    by none. Raises Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many were raised or cleared."""
        with self._units.reading() as uow:
            found = [one for estate in uow.registers.estates() if (one := uow.registers.find(estate.id)) is not None]
            changed = [one.estate.id for one in found if self._wanted(uow, one) ^ self._standing(uow, one).keys()]
        return sum(self._tell(estate) for estate in changed)

    def _wanted(self, uow: UnitOfWork, register: Register) -> frozenset[About]:
        known, today = uow.upkeep.of(register.estate.id), register.estate.local(self._clock.now()).date()
        lifts = (item.id for item in register.equipment.values() if item.kind is EquipmentKind.LIFT)
        return frozenset((one, lift) for lift in lifts if lift in known for one in known[lift].hazards(today))

    def _tell(self, estate: str) -> int:
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            uow.ledger.hold(estate)
            wanted, standing = self._wanted(uow, register), self._standing(uow, register)
            consequences = Consequences(uow, register, self._ids, now, "clock")
            changed = bring_into_line(
                consequences, register, wanted, standing, at=now, occurrence=lambda: f"upkeep:{self._ids.new(now)}"
            )
            consequences.settle()
            uow.commit()
            return changed

    @staticmethod
    def _standing(uow: UnitOfWork, register: Register) -> Mapping[About, list[str]]:
        """By what it is about, the occurrences that last."""
        return {
            (alert.fingerprint.hazard, alert.fingerprint.equipment): [
                one.id for one in alert.occurrences.values() if one.active
            ]
            for alert in uow.alerts.firing(register.estate.id, hazards=_HAZARDS)
            if alert.fingerprint.mode == "real"
        }
