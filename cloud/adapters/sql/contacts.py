"""Addresses of members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select

from cloud.adapters.sql.reach_tables import contacts
from cloud.domain.community.contacts import Contact


class SqlContacts:
    """Implements `ports.Contacts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, member_id: str) -> Sequence[Contact]:
        query = select(contacts).where(contacts.c.member_id == member_id)
        rows = self._connection.execute(query.order_by(contacts.c.preference, contacts.c.channel, contacts.c.address))
        return [Contact(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it

    def replace(self, member_id: str, given: Sequence[Contact]) -> None:
        self._connection.execute(delete(contacts).where(contacts.c.member_id == member_id))
        if given:
            self._connection.execute(insert(contacts), [asdict(contact) for contact in given])
