"""When boots began, in memory."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import replace

from cloud.domain.fleet.boot_time import BootTime
from schemas.topics import NodeAddress

Known = MutableMapping[tuple[NodeAddress, str], BootTime]


class FakeBoots:
    def __init__(self, known: Known) -> None:
        self._known = known

    def find(self, address: NodeAddress, boot: str) -> BootTime | None:
        return self._known.get((address, boot))

    def decide(self, address: NodeAddress, time: BootTime) -> BootTime:
        return self._known.setdefault((address, time.boot), time)

    def tighten(self, address: NodeAddress, time: BootTime) -> None:
        known = self._known[address, time.boot]
        self._known[address, time.boot] = replace(known, earliest=time.earliest, latest=time.latest)

    def of(self, address: NodeAddress, limit: int = 100, before: str | None = None) -> Sequence[BootTime]:
        found = [time for (of, _), time in self._known.items() if of == address]
        latest = sorted(found, key=lambda time: (time.offset, time.boot), reverse=True)
        passed = [time.boot for time in latest].index(before) + 1 if before else 0
        return latest[passed : passed + limit]
