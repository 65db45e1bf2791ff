"""Which nodes are heard: once enrolment is in force for an estate, only those with a credential are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.ports import Clock, UnitsOfWork
from cloud.errors import Unavailable
from schemas.topics import NodeAddress

FRESH: Final = timedelta(seconds=1)
"""How old what is known may be: after a revocation the broker has shut the node out already, this is the second bolt."""


@dataclass(frozen=True, slots=True)
class _Known:
    at: datetime
    in_force: frozenset[str] = frozenset()
    speaking: frozenset[NodeAddress] = frozenset()


class Admission:
    """Asked for every message, so it answers from memory, read anew when older than a second. From any thread.

    The broker is the first bolt (its access list); this is the second, for a broker that was set up wrongly.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock
        self._known: _Known | None = None
        self._lock = Lock()

    def refuses(self, address: NodeAddress) -> bool:
        """Whether that node may not speak now. While the storage cannot say, what was last known counts, and before
        anything was known everybody is heard: trouble of ours must not silence a building.
        """
        known = self._known
        if known is None or not timedelta() <= self._clock.now() - known.at < FRESH:
            known = self._read()
        return address.estate in known.in_force and address not in known.speaking

    def _read(self) -> _Known:
        with self._lock:
            now = self._clock.now()
            if self._known is not None and timedelta() <= now - self._known.at < FRESH:
                return self._known
            try:
                with self._units.reading() as uow:
                    in_force = uow.enrolments.estates_in_force()
                    speaking = {NodeAddress(one.estate, one.node_id) for one in uow.enrolments.speaking()}
            except Unavailable:
                last = self._known or _Known(now)
                self._known = _Known(now, last.in_force, last.speaking)
            else:
                self._known = _Known(now, in_force, frozenset(speaking))
            return self._known
