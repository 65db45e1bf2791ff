"""Opening the database: SQLite made durable and honest about its locks, or PostgreSQL as it comes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from cloud.adapters.sql.columns import partial_on_postgresql

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a writer waits for another; ours take milliseconds, so longer than this is a fault to be told."""

WRITES: Final = "tocsin_writes"
"""The execution option that makes a SQLite transaction take the right to write at once."""

IDLE_CONNECTIONS: Final = 4
"""How many to a SQLite file stay open while nobody needs them; one more takes a millisecond to open."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    # FULL: a commit is on the disk when it returns, which is what an acknowledgement says.
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA foreign_keys = ON",
)


def open_engine(url: str, *, pool_size: int = 8) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`. Nothing is connected yet."""
    if url.startswith("sqlite"):
        # As many at once as before, but of those that stand idle each keeps a quarter of a MiB, and the last used is warm.
        kept = min(pool_size, IDLE_CONNECTIONS)
        engine = create_engine(
            url, poolclass=QueuePool, pool_size=kept, max_overflow=2 * pool_size - kept, pool_use_lifo=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    partial_on_postgresql()
    return create_engine(url, pool_size=pool_size, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: a deferred one that turns into a writer fails half-way.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
