"""Members who are in no estate's file because they were asked in: loading the file again leaves them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from sqlalchemy import Connection, delete, or_, select, update

from cloud.adapters.sql.register_tables import estate_members, estates, members
from cloud.adapters.sql.upserting import insert_new, upsert
from cloud.domain.community.party import Member


class SqlInvitedMembers:
    """The part of `account_ports.AccountBook` that concerns the register."""

    def __init__(self, connection: Connection) -> None:
        self._run = connection

    def add_member(self, member: Member, into: Collection[str]) -> None:
        row = {
            "id": member.id,
            "party_id": member.party_id,
            "zh": member.names.zh,
            "en": member.names.en,
            "role": member.role.value,
            "language": member.language,
            "chosen_language": None,
        }
        upsert(self._run, members, [row])
        for estate in into:
            insert_new(self._run, estate_members, {"estate": estate, "member_id": member.id, "laid": False})
            stamp_members(self._run, estate)

    def remove_member(self, member_id: str) -> bool:
        mine = estate_members.c.member_id == member_id
        rows = self._run.execute(select(estate_members.c.estate, estate_members.c.laid).where(mine)).all()
        if not rows or any(row.laid for row in rows):
            return False
        self._run.execute(delete(estate_members).where(mine))
        for row in rows:
            stamp_members(self._run, row.estate)
        return True

    def added_members(self, estate: str) -> Collection[str]:
        query = select(estate_members.c.member_id).where(
            estate_members.c.estate == estate, estate_members.c.laid.is_(False)
        )
        return frozenset(self._run.execute(query).scalars())


def stamp_members(connection: Connection, estate: str) -> None:
    """Says when the register is to be read anew; by content, for what is rolled back must leave no number behind. What a
    member of the file has chosen stands in no file either.
    """
    chosen = members.c.chosen_language.is_not(None)
    query = (
        select(members)
        .join(estate_members)
        .where(estate_members.c.estate == estate, or_(estate_members.c.laid.is_(False), chosen))
        .order_by(members.c.id)
    )
    rows = [tuple(row) for row in connection.execute(query)]
    stamp = hashlib.sha256(repr(rows).encode()).hexdigest() if rows else None
    connection.execute(update(estates).where(estates.c.id == estate).values(members_stamp=stamp))
