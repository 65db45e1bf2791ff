"""A credential that is about to end: a node's that should have renewed it, or the one we and the broker came with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, lasting, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.fleet.credential import EXPIRY_WARNING

EXPIRING: Final = "node.credential-expiring"
BROKER: Final = "broker"
"""Under which the broker stands on the board: `node/broker` is nobody's equipment, so the fallback party is asked."""

BROKER_WARNING: Final = timedelta(days=30)
"""Nobody renews it but a person, and when it is over no node is heard."""


class WatchCredentials:
    """Raises `node.credential-expiring` once per credential; renewing, replacing or revoking it ends that."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many were said to end soon. Raises Unavailable."""
        horizon = self._clock.now() + EXPIRY_WARNING
        with self._units.reading() as uow:
            if not uow.enrolments.expiring(horizon, 1):
                return 0
        with self._units.writing() as uow:
            now = self._clock.now()
            found = uow.enrolments.expiring(now + EXPIRY_WARNING)
            for credential in found:
                register = uow.registers.find(credential.estate)
                if register is None:
                    continue
                credential.warned = f"expiring:{credential.id}:{credential.expires_at.isoformat()}"
                consequences = Consequences(uow, register, self._ids, now, "clock")
                consequences.raised(
                    noticed(
                        credential.estate,
                        credential.node_id,
                        EXPIRING,
                        occurrence=credential.warned,
                        at=now,
                        cause=credential.id,
                    )
                )
                consequences.settle()
                uow.enrolments.save(credential)
            uow.commit()
            return len(found)


class WatchBrokerCertificate:
    """Raises it in every estate while the certificate that `tocsin broker setup` made is about to end, and ends it after.

    `ends_at`: when the cloud's own certificate ends, which was made together with the broker's.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, ends_at: Callable[[], datetime]) -> None:
        self._units, self._clock, self._ids, self._ends_at = units, clock, ids, ends_at

    def __call__(self) -> None:
        """Raises Unavailable."""
        ends, now = self._ends_at(), self._clock.now()
        soon = ends - now <= BROKER_WARNING
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates()]
            standing = {estate: lasting(uow, estate, EXPIRING, BROKER) for estate in estates}
        for estate, occurrences in standing.items():
            occurrence = f"expiring:{BROKER}:{ends.isoformat()}"
            if (soon and occurrence not in occurrences) or (occurrences and not soon):
                self._tell(estate, occurrence, occurrences, soon=soon)

    def _tell(self, estate: str, occurrence: str, standing: list[str], *, soon: bool) -> None:
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return
            consequences = Consequences(uow, register, self._ids, now, "clock")
            for old in standing:
                consequences.cleared(gone(self._sighting(estate, old, now), now, BROKER))
            if soon:
                consequences.raised(self._sighting(estate, occurrence, now))
            consequences.settle()
            uow.commit()

    @staticmethod
    def _sighting(estate: str, occurrence: str, now: datetime) -> Sighting:
        return noticed(estate, BROKER, EXPIRING, occurrence=occurrence, at=now, cause=BROKER)
