"""The upkeep of lifts and the patrols that were walked, on SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select

from cloud.adapters.sql.newest_first import newest_first
from cloud.adapters.sql.upkeep_tables import patrols, upkeep
from cloud.adapters.sql.upserting import upsert
from cloud.application.positions import Position
from cloud.domain.duties.upkeep import Upkeep
from cloud.domain.records.patrol import Patrol

_PATROL: Final = TypeAdapter(Patrol)


class SqlUpkeep:
    """Implements `upkeep_ports.UpkeepBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str) -> Mapping[str, Upkeep]:
        rows = self._connection.execute(select(upkeep).where(upkeep.c.estate == estate).order_by(upkeep.c.equipment))
        return {
            row.equipment: Upkeep(row.estate, row.equipment, row.maintained_on, row.inspected_until) for row in rows
        }

    def save(self, one: Upkeep) -> None:
        row = {
            "estate": one.estate,
            "equipment": one.equipment,
            "maintained_on": one.maintained_on,
            "inspected_until": one.inspected_until,
        }
        upsert(self._connection, upkeep, [row])


class SqlPatrols:
    """Implements `upkeep_ports.Patrols`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Patrol]:
        query = select(patrols.c.body).where(patrols.c.estate == estate)
        rows = self._connection.execute(newest_first(query, patrols.c.at, patrols.c.id, limit, before))
        return [_PATROL.validate_json(body) for body in rows.scalars()]

    def put(self, patrol: Patrol) -> None:
        row = {"id": patrol.id, "estate": patrol.estate, "at": patrol.at, "body": _PATROL.dump_json(patrol).decode()}
        self._connection.execute(insert(patrols), row)
