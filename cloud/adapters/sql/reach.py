"""Rosters and handovers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import upsert
from cloud.domain.community.roster import Roster
from cloud.domain.records.handover import Handover, Item, Signature

_ROSTER: Final = TypeAdapter(Roster)
_ITEMS: Final = TypeAdapter(tuple[Item, ...])


class SqlRosters:
    """Implements `ports.Rosters`. They are read as part of the register; its stamp says when to read them anew."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, roster: Roster) -> None:
        upsert(self._connection, t.rosters, [_roster_row(roster)])
        self._stamp(roster.estate)

    def remove(self, estate: str, roster_id: str) -> None:
        self._connection.execute(delete(t.rosters).where(t.rosters.c.estate == estate, t.rosters.c.id == roster_id))
        self._stamp(estate)

    def replace(self, estate: str, rosters: Sequence[Roster]) -> None:
        self._connection.execute(delete(t.rosters).where(t.rosters.c.estate == estate))
        upsert(self._connection, t.rosters, [_roster_row(roster) for roster in rosters])
        self._stamp(estate)

    def of(self, estate: str) -> tuple[Roster, ...]:
        query = select(t.rosters.c.body).where(t.rosters.c.estate == estate).order_by(t.rosters.c.id)
        return tuple(_ROSTER.validate_json(row.body) for row in self._connection.execute(query))

    def _stamp(self, estate: str) -> None:
        """By content, not by count: a change that is rolled back must not leave its number to another one."""
        query = select(t.rosters.c.body).where(t.rosters.c.estate == estate).order_by(t.rosters.c.id)
        digest = hashlib.sha256("\n".join(self._connection.scalars(query)).encode()).hexdigest()
        self._connection.execute(update(t.estates).where(t.estates.c.id == estate).values(rosters_stamp=digest))


class SqlHandovers:
    """Implements `ports.Handovers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, handover_id: str) -> Handover | None:
        row = self._connection.execute(select(t.handovers).where(t.handovers.c.id == handover_id)).one_or_none()
        return _handover(row) if row else None

    def of(
        self,
        estate: str,
        *,
        parties: Collection[str] | None = None,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[Handover]:
        table = t.handovers
        query = select(table).where(table.c.estate == estate)
        if parties is not None:
            query = query.where(table.c.party_id.in_(list(parties)))
        if before is not None:
            at, last = before
            query = query.where(or_(table.c.drawn_at < at, and_(table.c.drawn_at == at, table.c.id < last)))
        rows = self._connection.execute(query.order_by(table.c.drawn_at.desc(), table.c.id.desc()).limit(limit))
        return [_handover(row) for row in rows]

    def save(self, handover: Handover) -> None:
        row = {
            "id": handover.id,
            "estate": handover.estate,
            "party_id": handover.party_id,
            "drawn_at": handover.drawn_at,
            "drawn_by": handover.drawn_by,
            "note": handover.note,
            "items": _ITEMS.dump_json(handover.items).decode(),
            "leaving_by": handover.leaving.member_id if handover.leaving else None,
            "leaving_at": handover.leaving.at if handover.leaving else None,
            "coming_by": handover.coming.member_id if handover.coming else None,
            "coming_at": handover.coming.at if handover.coming else None,
        }
        upsert(self._connection, t.handovers, [row])


def _roster_row(roster: Roster) -> dict[str, Any]:
    return {
        "estate": roster.estate,
        "id": roster.id,
        "party_id": roster.party_id,
        "revision": roster.revision,
        "body": _ROSTER.dump_json(roster).decode(),
    }


def _handover(row: Row[Any]) -> Handover:
    return Handover(
        id=row.id,
        estate=row.estate,
        party_id=row.party_id,
        drawn_at=row.drawn_at,
        drawn_by=row.drawn_by,
        items=_ITEMS.validate_json(row.items),
        note=row.note,
        leaving=Signature(row.leaving_by, row.leaving_at) if row.leaving_by else None,
        coming=Signature(row.coming_by, row.coming_at) if row.coming_by else None,
    )
