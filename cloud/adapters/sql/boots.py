"""When the boots of nodes began."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.newest_first import newest_first
from cloud.adapters.sql.upserting import insert_new
from cloud.domain.fleet.boot_time import BootTime
from schemas.topics import NodeAddress

_FIND: Final = select(t.boots).where(
    t.boots.c.estate == bindparam("estate"), t.boots.c.node_id == bindparam("node"), t.boots.c.boot == bindparam("boot")
)
"""Asked with every batch of events, and so put together once."""


class SqlBoots:
    """Implements `fleet_ports.Boots`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, address: NodeAddress, boot: str) -> BootTime | None:
        wanted = {"estate": address.estate, "node": address.node, "boot": boot}
        row = self._connection.execute(_FIND, wanted).one_or_none()
        return _boot(row) if row else None

    def decide(self, address: NodeAddress, time: BootTime) -> BootTime:
        row = {
            "estate": address.estate,
            "node_id": address.node,
            "boot": time.boot,
            "offset": time.offset,
            "earliest": time.earliest,
            "latest": time.latest,
        }
        if insert_new(self._connection, t.boots, row):
            return time
        standing = self.find(address, time.boot)
        assert standing is not None, f"boot {time.boot} of {address} is there and cannot be found"
        return standing

    def tighten(self, address: NodeAddress, time: BootTime) -> None:
        bounds = {"earliest": time.earliest, "latest": time.latest}
        self._connection.execute(update(t.boots).where(*_of(address), t.boots.c.boot == time.boot).values(bounds))

    def of(self, address: NodeAddress, limit: int = 100, before: str | None = None) -> Sequence[BootTime]:
        last = None if before is None else self.find(address, before)
        if before is not None and last is None:
            return []
        query = select(t.boots).where(*_of(address))
        after = (last.offset, last.boot) if last else None
        query = newest_first(query, t.boots.c.offset, t.boots.c.boot, limit, after)
        return [_boot(row) for row in self._connection.execute(query)]


def _of(address: NodeAddress) -> tuple[Any, ...]:
    return t.boots.c.estate == address.estate, t.boots.c.node_id == address.node


def _boot(row: Row[Any]) -> BootTime:
    return BootTime(row.boot, row.offset, row.earliest, row.latest)
