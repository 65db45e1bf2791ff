"""A hole in coverage is a task for the level above the party that owns it: raised a day ahead, over when it is filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.channel_ports import MeansNow
from cloud.application.estates.channels import channels_of
from cloud.application.estates.how_far import just_begun
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.community.means import ANY
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.coverage import coverage
from cloud.domain.duties.oversight import UNCOVERED
from cloud.domain.duties.register import Register, party_equipment

AHEAD: Final = timedelta(hours=24)
"""How far ahead a hole counts: time enough to name somebody, and never so far that the roster is not made yet."""

EVERY: Final = timedelta(hours=1)

SHORTEST: Final = timedelta(minutes=5)
"""Shifts that miss each other by a minute are no task: meanwhile everybody of the party is called."""

CLOUD: Final = "cloud"
"""Who noticed it: no node."""


@dataclass(frozen=True, slots=True)
class _Looked:
    register: Register
    channels: Channels
    at: datetime


class WatchCoverage:
    """Raises `duty.uncovered` once for each party that owns a hole within a day, and clears it when the hole is gone.

    An estate that is only just being set up has a day, or until the guide is finished. Looked at hourly, and at once when the register or anybody's channels have changed. `means`: through what
    anybody is reached at all. Raises Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, means: MeansNow = ANY) -> None:
        self._units, self._clock, self._ids, self._means = units, clock, ids, means
        self._looked: dict[str, _Looked] = {}

    def __call__(self) -> int:
        """How many were raised or cleared."""
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates()]
        return sum(self._look(estate) for estate in estates)

    def _look(self, estate: str) -> int:
        now = self._clock.now()
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None:
                return 0
            means = self._means()
            channels = channels_of(uow, register, means)
            standing = self._standing(uow, estate)
            if not standing and just_begun(uow, register, means, now):
                return 0
        before = self._looked.get(estate)
        same = before is not None and before.register is register and before.channels == channels
        if before is not None and same and now - before.at < EVERY:
            return 0
        owners = _owners(register, channels, now)
        changes = len({party_equipment(owner) for owner in owners} ^ standing.keys())
        if changes:
            self._tell(estate, owners, now)
        self._looked[estate] = _Looked(register, channels, now)
        return changes

    def _tell(self, estate: str, owners: set[str], now: datetime) -> None:
        with self._units.writing() as uow:
            register = uow.registers.find(estate)
            if register is None:
                return
            consequences = Consequences(uow, register, self._ids, now, "clock")
            standing, wanted = self._standing(uow, estate), {party_equipment(owner) for owner in owners}
            for about, occurrences in standing.items():
                for occurrence in occurrences if about not in wanted else ():
                    consequences.cleared(gone(_sighting(estate, about, occurrence, now), now, UNCOVERED))
            for about in sorted(wanted - standing.keys()):
                occurrence = f"uncovered:{self._ids.new(now)}"
                consequences.raised(_sighting(estate, about, occurrence, now))
            consequences.settle()
            uow.commit()

    @staticmethod
    def _standing(uow: UnitOfWork, estate: str) -> dict[str, list[str]]:
        """By party, the occurrences that last."""
        return {
            alert.fingerprint.equipment: [one.id for one in alert.occurrences.values() if one.active]
            for alert in uow.alerts.firing(estate, hazards=[UNCOVERED])
        }


def _owners(register: Register, channels: Channels, now: datetime) -> set[str]:
    holes = coverage(register, channels, now, AHEAD).holes
    return {hole.owner_id for hole in holes if not hole.weak and hole.ends_at - hole.starts_at >= SHORTEST}


def _sighting(estate: str, about: str, occurrence: str, now: datetime) -> Sighting:
    return noticed(estate, CLOUD, UNCOVERED, occurrence=occurrence, at=now, cause=UNCOVERED, about=about)
