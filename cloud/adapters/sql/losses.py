"""What of nodes' batches was declared lost, in SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from cloud.adapters.sql.node_tables import losses as table
from cloud.adapters.sql.upserting import upsert
from cloud.domain.fleet.losses import Losses
from cloud.domain.fleet.progress import Ranges


class SqlLossBook:
    """Implements `loss_ports.LossBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str) -> Sequence[Losses]:
        rows = self._connection.execute(select(table).where(table.c.estate == estate)).mappings()
        return [Losses(**{**row, "lost": _ranges(row["lost"]), "doubted": _ranges(row["doubted"])}) for row in rows]

    def save(self, losses: Losses) -> None:
        ranges = {"lost": json.dumps(list(losses.lost)), "doubted": json.dumps(list(losses.doubted))}
        upsert(self._connection, table, [{**vars(losses), **ranges}])


def _ranges(text: str) -> Ranges:
    return Ranges((first, last) for first, last in json.loads(text))
