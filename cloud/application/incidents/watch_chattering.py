"""An alarm that comes and goes and comes again: the sensor or what it looks at needs hands, whatever each alarm says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import Raises
from cloud.domain.incidents.alarm_quality import CHATTER_MOST, CHATTER_WINDOW
from cloud.domain.incidents.alert import Alert

CHATTERING: Final = "point.chattering"


class WatchChattering:
    """Raises `point.chattering` for equipment of which one alarm was raised more than five times in ten minutes, and ends
    it once that is no longer so. The alarms themselves stay what they are: nothing is shelved or held back for it.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many began or ended to chatter. Raises Unavailable."""
        with self._units.reading() as uow:
            changed = [estate.id for estate in uow.registers.estates() if any(self._changes(uow, estate.id))]
        return sum(self._tell(estate) for estate in changed)

    def _changes(self, uow: UnitOfWork, estate: str) -> tuple[Sequence[Raises], Sequence[Alert]]:
        """What chatters and is not said to; what is said to and no longer does."""
        found = uow.alerts.raised_often(estate, self._clock.now() - CHATTER_WINDOW, CHATTER_MOST)
        often = {one.equipment: one for one in found if not one.hazard.startswith("point.")}
        standing: Mapping[str, Alert] = {
            alert.fingerprint.equipment: alert for alert in uow.alerts.firing(estate, hazards={CHATTERING})
        }
        begun = [often[equipment] for equipment in sorted(often.keys() - standing.keys())]
        return begun, [standing[equipment] for equipment in sorted(standing.keys() - often.keys())]

    def _tell(self, estate: str) -> int:
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            uow.ledger.hold(estate)
            begun, ended = self._changes(uow, estate)
            consequences = Consequences(uow, register, self._ids, now, "clock")
            for one in begun:
                occurrence = f"{CHATTERING}:{self._ids.new(now)}"
                consequences.raised(_sighting(estate, one.node_id, one.equipment, occurrence, now=now, of=one.hazard))
            for alert in ended:
                for occurrence in [one.id for one in alert.occurrences.values() if one.active]:
                    sighting = _sighting(estate, alert.node_id, alert.fingerprint.equipment, occurrence, now=now)
                    consequences.cleared(gone(sighting, now, CHATTERING))
            consequences.settle()
            uow.commit()
            return len(begun) + len(ended)


def _sighting(estate: str, node_id: str, equipment: str, occurrence: str, *, now: datetime, of: str = "") -> Sighting:
    """`of`: the hazard that chatters, told as the cause."""
    cause = of or CHATTERING
    return noticed(estate, node_id, CHATTERING, occurrence=occurrence, at=now, cause=cause, about=equipment)
