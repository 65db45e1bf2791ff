"""Insert or update in one statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


@cache
def statement(dialect: str, table: Table, *, update: bool) -> Insert:
    """The insert for that dialect; `update` False leaves what is there."""
    insert = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    if not update or not rest:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows by primary key; every column of each row must be given."""
    if rows:
        connection.execute(statement(connection.dialect.name, table, update=True), [dict(row) for row in rows])


def add_up(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, column: str) -> None:
    """Add to that column of each row by primary key; a row that is not there begins with what is given."""
    insert = _insert(connection.dialect.name, table)
    total = {column: table.c[column] + insert.excluded[column]}
    keys = [column.name for column in table.primary_key]
    if rows:
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=total), [dict(row) for row in rows])


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there already. Whether it was new."""
    insert = statement(connection.dialect.name, table, update=False)
    # Without being asked for, the count of an insert is lost on PostgreSQL, and what is new would pass for a repeat.
    done = connection.execute(insert, dict(row), execution_options={"preserve_rowcount": True})
    return done.rowcount == 1


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    if dialect == "postgresql":
        # Its types and drivers take 3 MiB: only where the state is there.
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    return sqlite.insert(table)
