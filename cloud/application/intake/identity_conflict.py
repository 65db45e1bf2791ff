"""Two different batches came under one number: a restored card, a clone, a card that lied about fsync."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.ports import Ids, UnitsOfWork
from schemas.batch import Stream
from schemas.topics import NodeAddress

SILENCE: Final = timedelta(minutes=10)
"""A cloned card conflicts with every batch it sends; one task says so, and is said again after this long."""


class ReportConflict:
    """Raises `node.identity-conflict`. Both batches are stored; somebody has to look at the node."""

    def __init__(self, units: UnitsOfWork, ids: Ids) -> None:
        self._units = units
        self._ids = ids
        self._said: dict[str, datetime] = {}

    def __call__(self, address: NodeAddress, outbox: str, stream: Stream, seq: int, now: datetime) -> None:
        """Raises cloud.errors.Unavailable; then nothing may be acknowledged yet."""
        said = self._said.get(outbox)
        if said is not None and timedelta() <= now - said < SILENCE:
            return
        with self._units.writing() as uow:
            register = uow.registers.find(address.estate)
            if register is not None:
                cause = f"{outbox}:{stream.value}:{seq}"
                consequences = Consequences(uow, register, self._ids, now, f"node:{address.node}")
                occurrence = f"conflict:{cause}:{now.isoformat()}"
                sighting = noticed(
                    address.estate, address.node, "node.identity-conflict", occurrence=occurrence, at=now, cause=cause
                )
                consequences.raised(sighting)
                consequences.cleared(gone(sighting, now, cause))
                consequences.settle()
                uow.commit()
        self._said[outbox] = now
