"""The tables of an outbox, and how one is opened so that a commit is on the disk when it returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from edge.application.ports import Sealed
from edge.errors import OutboxError
from schemas.batch import Stream

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (
    place INTEGER PRIMARY KEY AUTOINCREMENT, outbox TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
    boot TEXT NOT NULL, sealed_mono REAL NOT NULL, records INTEGER NOT NULL, life_safety INTEGER NOT NULL,
    size INTEGER NOT NULL, payload BLOB NOT NULL, UNIQUE (outbox, stream, seq));
CREATE INDEX IF NOT EXISTS batch_by_stream ON batch (stream, place, records, size);
CREATE TABLE IF NOT EXISTS sent (place INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS rule (
    rule TEXT PRIMARY KEY, boot TEXT NOT NULL, state TEXT NOT NULL, active TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memory (
    equipment TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (equipment, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS command (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, receipt TEXT NOT NULL);
"""

ROW: Final = "place, outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload"
INSERT: Final = (
    "INSERT INTO batch (outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SIZE: Final = ROW.split(", ").index("size")
COLUMNS: Final = "place, outbox, stream, seq, boot, sealed_mono, records, payload"


def connect(path: Path) -> sqlite3.Connection:
    """Open a store for one agent: write-ahead log, every commit on the disk before it returns."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=2.0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -512")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def failures() -> Iterator[None]:
    """Whatever SQLite cannot do is an OutboxError."""
    try:
        yield
    except sqlite3.Error as error:
        raise OutboxError(f"the outbox cannot be used: {error}; nothing of this commit was kept") from error


def sealed_from(row: tuple[Any, ...]) -> Sealed:
    """From what `COLUMNS` asks for."""
    place, outbox, stream, seq, boot, sealed_mono, records, payload = row
    return Sealed(place, outbox, Stream(stream), seq, boot, sealed_mono, records, payload)
