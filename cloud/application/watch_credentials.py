"""A credential that is about to end although its node should have renewed it: somebody has to see to that node."""

from __future__ import annotations

from cloud.application.consequences import Consequences
from cloud.application.node_hazards import noticed
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.credential import EXPIRY_WARNING


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
                        "node.credential-expiring",
                        occurrence=credential.warned,
                        at=now,
                        cause=credential.id,
                    )
                )
                consequences.settle()
                uow.enrolments.save(credential)
            uow.commit()
            return len(found)
