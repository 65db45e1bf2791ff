"""Somebody has set the server's clock: it is on every estate's record, and the operator has a task until it is right."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.application.clock_ports import ClockStep, MachineClock
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, lasting, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.application.ports import Ids, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks import doubt

UNTRUSTED: Final = "node.clock-untrusted"
SERVER: Final = "cloud"
"""Under which the server stands on the board: `node/cloud` is nobody's equipment, so the fallback party is asked."""

SHOWN: Final = timedelta(seconds=5)
"""By how much told time and the machine's may differ before somebody has to look."""


LOOKED_FOR: Final = timedelta(minutes=1)
"""How often it is looked for an alarm that another process left behind, while this one's clock is right."""


class WatchClock:
    """Tells each step once in each estate, whatever dies in between, and ends the alarm when time is right again."""

    def __init__(self, units: UnitsOfWork, clock: MachineClock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._untold: list[ClockStep] = []
        self._nothing_stands_until: datetime | None = None

    def __call__(self) -> str | None:
        """What is wrong with the clock, for operators; None where nothing is. Raises Unavailable; then it is told later."""
        self._untold += self._clock.take_steps()
        ahead, now, doubted = self._clock.ahead(), self._clock.now(), self._clock.doubted_until()
        right = ahead <= SHOWN and (doubted is None or doubted <= now)
        if self._untold or (right and self._may_stand(now)):
            with self._units.reading() as uow:
                estates = [estate.id for estate in uow.registers.estates()]
                standing = [estate for estate in estates if lasting(uow, estate, UNTRUSTED, SERVER)]
            for estate in estates if self._untold else standing:
                self._tell(estate, now, right=right)
            self._nothing_stands_until = None if self._untold or standing else now + LOOKED_FOR
            self._untold = []
        return None if ahead <= SHOWN else _set_back(ahead)

    def _may_stand(self, now: datetime) -> bool:
        """An alarm of ours: known while this process raised none since it last saw that there was none."""
        return self._nothing_stands_until is None or now >= self._nothing_stands_until

    def _tell(self, estate: str, now: datetime, *, right: bool) -> None:
        with self._units.writing() as uow:
            register = uow.registers.find(estate)
            if register is None:
                return
            consequences = Consequences(uow, register, self._ids, now, "clock")
            for step in self._untold:
                occurrence = f"stepped:{step.at.isoformat()}"
                sighting = _sighting(estate, occurrence, now)
                known = uow.alerts.concerning(sighting.fingerprint, occurrence)
                if any(occurrence in alert.occurrences for alert in known):
                    continue
                facts = {"seconds": round(step.by.total_seconds()), "believed": step.believed}
                consequences.note(Draft(Kind.CLOCK_STEPPED, now, "clock", None, SERVER, occurrence, facts))
                consequences.raised(sighting)
                if step.believed:
                    _anew(uow, estate, now)
            if right:
                for occurrence in lasting(uow, estate, UNTRUSTED, SERVER):
                    consequences.cleared(gone(_sighting(estate, occurrence, now), now, "clock"))
            consequences.settle()
            uow.commit()


def _anew(uow: UnitOfWork, estate: str, now: datetime) -> None:
    """What is due lies in a future that was none: whatever waits for people begins to call them from now."""
    for task in uow.tasks.open(estate):
        doubt.begin_anew(task, now)
        uow.tasks.save(task)


def _sighting(estate: str, occurrence: str, now: datetime) -> Sighting:
    return noticed(estate, SERVER, UNTRUSTED, occurrence=occurrence, at=now, cause=occurrence)


def _set_back(ahead: timedelta) -> str:
    hours = max(1, round(ahead / timedelta(hours=1)))
    return (
        f"This machine's clock was set back, by about {hours} h at present. What is told here goes on from where it was, "
        "nine seconds in ten, until the machine has caught up, so that no ladder falls silent. Look whether the machine "
        "is right now; if what came before was wrong by more than a day, restart the cloud once it is."
    )
