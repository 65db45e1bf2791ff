"""Addresses of members."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from cloud.adapters.sql.alone import Book, hold
from cloud.adapters.sql.reach_tables import contacts
from cloud.domain.community.contacts import Contact

MOST_NAMED: Final = 500
"""Of more members than this all contacts are read: a database takes only so many names in one question."""


class SqlContacts:
    """Implements `ports.Contacts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold(self) -> None:
        hold(self._connection, Book.CONTACTS)

    def of(self, member_id: str) -> Sequence[Contact]:
        query = select(contacts).where(contacts.c.member_id == member_id)
        rows = self._connection.execute(query.order_by(contacts.c.preference, contacts.c.channel, contacts.c.address))
        return [Contact(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it

    def among(self, member_ids: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        wanted, found = set(member_ids), defaultdict[str, list[Contact]](list)
        query = select(contacts).order_by(contacts.c.preference, contacts.c.channel, contacts.c.address)
        if len(wanted) <= MOST_NAMED:
            query = query.where(contacts.c.member_id.in_(wanted))
        for row in self._connection.execute(query):
            if row.member_id in wanted:
                found[row.member_id].append(Contact(**row._mapping))  # noqa: SLF001 - as above
        return dict(found)

    def replace(self, member_id: str, given: Sequence[Contact]) -> None:
        self._connection.execute(delete(contacts).where(contacts.c.member_id == member_id))
        if given:
            self._connection.execute(insert(contacts), [asdict(contact) for contact in given])
