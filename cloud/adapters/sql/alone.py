"""Who reads in order to write does so alone, on PostgreSQL as on SQLite, which has one writer anyway.

Between a look and the write that rests on it, READ COMMITTED lets in whoever comes meanwhile: twenty at once would all find an
invitation open, and each find one try where there were twenty.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, text

from cloud.adapters.sql.engine import WRITES

_HOLD: Final = text("SELECT pg_advisory_xact_lock(:space, :what)").bindparams(bindparam("space"), bindparam("what"))
_SPACE: Final = 0x746F63
"""Ours among the locks that others may take in the same database ("toc")."""


class Book(IntEnum):
    """What one transaction at a time reads and writes; they are few, and short."""

    ACCOUNTS = 1
    REPORT_SOURCES = 2
    CONTACTS = 3


def hold(connection: Connection, book: Book) -> None:
    """Waits until nobody else has it, and has it until the transaction ends. Who only reads waits for nobody."""
    if _shares(connection):
        connection.execute(_HOLD, {"space": _SPACE, "what": int(book)})


def held(connection: Connection, query: Select[Any]) -> Select[Any]:
    """The same for the rows that it finds."""
    return query.with_for_update() if _shares(connection) else query


def _shares(connection: Connection) -> bool:
    return connection.dialect.name != "sqlite" and bool(connection.get_execution_options().get(WRITES, True))
