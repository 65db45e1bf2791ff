"""The one file of readings: its tables, how it is opened, and what its trouble means."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloud.errors import ReadingsDamaged, ReadingsError, ReadingsTooNew, ReadingsUnavailable

APPLICATION_ID: Final = 0x544F4353  # "TOCS", so that `file` and we ourselves know the file again
VERSION: Final = 2

_SPARE_PAGES: Final = 4096
"""16 MiB kept empty in the file, as the next segments will want them at once."""

_TABLES: Final = """
CREATE TABLE series (id INTEGER PRIMARY KEY, estate TEXT NOT NULL, point TEXT NOT NULL, UNIQUE (estate, point));

-- Who sent what: one row per numbered store at a node, the seqs it has had stored, and digests to know repeats by.
CREATE TABLE outboxes (
    id INTEGER PRIMARY KEY, estate TEXT NOT NULL, node TEXT NOT NULL, outbox TEXT NOT NULL,
    stored INTEGER NOT NULL DEFAULT 0, readings INTEGER NOT NULL DEFAULT 0, duplicate INTEGER NOT NULL DEFAULT 0,
    conflict INTEGER NOT NULL DEFAULT 0, late INTEGER NOT NULL DEFAULT 0, refused INTEGER NOT NULL DEFAULT 0,
    UNIQUE (estate, node, outbox));
CREATE TABLE ranges (outbox INTEGER, first INTEGER, last INTEGER NOT NULL, PRIMARY KEY (outbox, first)) WITHOUT ROWID;
CREATE TABLE voids (outbox INTEGER, first INTEGER, last INTEGER, reason TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (outbox, first, last)) WITHOUT ROWID;
CREATE TABLE digests (outbox INTEGER, seq INTEGER, digest INTEGER, segment INTEGER NOT NULL,
    PRIMARY KEY (outbox, seq, digest)) WITHOUT ROWID;

-- One segment per commit, in the order of arrival: equally long little-endian columns of its readings.
CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, stored_at INTEGER NOT NULL, count INTEGER NOT NULL,
    oldest INTEGER NOT NULL, newest INTEGER NOT NULL,
    series BLOB NOT NULL, times BLOB NOT NULL, vals BLOB NOT NULL, flags BLOB NOT NULL, texts TEXT NOT NULL);

-- The embedded engine. A chunk holds readings of one series and one UTC day; of equal times the greater id came later.
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, series INTEGER NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL,
    start INTEGER NOT NULL, final INTEGER NOT NULL, rollup BLOB NOT NULL, data BLOB NOT NULL);
CREATE INDEX chunks_by_day ON chunks (series, day);
CREATE TABLE latest (series INTEGER PRIMARY KEY, time INTEGER NOT NULL, flags INTEGER NOT NULL, value REAL NOT NULL,
    text TEXT NOT NULL);
-- Of segments up to `upto`, series up to `series` lie in chunks already and are skipped in the segments.
CREATE TABLE settling (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL, series INTEGER NOT NULL);
INSERT INTO settling VALUES (1, 0, 0);

-- A projection: the last segment another engine was given, and how many readings it refused for good.
CREATE TABLE projected (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL, refused INTEGER NOT NULL);
INSERT INTO projected VALUES (1, 0, 0);
"""

_SINCE_1: Final = """
-- What an engine was given, by the readings' own time: how many it must answer with (`expected` less `repeats`, of which it
-- holds one), when it was last written and asked, how many it lacked, how often in a row that was put back in vain, and until
-- when it is therefore left alone. Segments up to `tallied` are in it.
CREATE TABLE windows (start INTEGER PRIMARY KEY, expected INTEGER NOT NULL, repeats INTEGER NOT NULL DEFAULT 0,
    written_at INTEGER NOT NULL, checked_at INTEGER NOT NULL DEFAULT 0, lacks INTEGER NOT NULL DEFAULT 0,
    repairs INTEGER NOT NULL DEFAULT 0, parked_until INTEGER NOT NULL DEFAULT 0);
ALTER TABLE projected ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0;
UPDATE projected SET tallied = upto;
-- Of days before `thinned` the chunks hold minutes only, those of days before `dropped` are gone; a new chunk of such a day
-- pushes them back and counts in `pushes`.
CREATE TABLE expired (one INTEGER PRIMARY KEY CHECK (one = 1), thinned INTEGER NOT NULL, dropped INTEGER NOT NULL,
    pushes INTEGER NOT NULL);
INSERT INTO expired SELECT 1, coalesce(min(day), 0), coalesce(min(day), 0), 0 FROM chunks;
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection that commits durably; makes the file when there is none.

    Raises ReadingsDamaged when the file is not a whole file of readings, ReadingsTooNew when a later version wrote it,
    ReadingsUnavailable when it cannot be opened now.
    """
    with trouble(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for a file that exists already; raises as open_for_writing does."""
    with trouble(path):
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Turns what SQLite reports into our words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ReadingsUnavailable(
            f"Readings in {path} cannot be reached: {error}. Nothing was stored or acknowledged; free disk space or see "
            "who holds the file, it is tried again."
        ) from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            raise  # a mistake of ours, not of the file
        raise _damaged(path, error) from error
    except (zlib.error, struct.error) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> ReadingsDamaged:
    return ReadingsDamaged(
        f"The file of readings {path} is damaged: {error}. Stop the service, keep the file aside with its -wal file, "
        "then restore the last backup or start without the file; nodes send again what was never acknowledged."
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or, on any exception, nothing; durable when it returns."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def shrink(connection: sqlite3.Connection) -> bool:
    """Gives a little of the empty space back to the file system, when there is much; whether it did."""
    (empty,) = connection.execute("PRAGMA freelist_count").fetchone()
    if empty > _SPARE_PAGES:
        connection.execute("PRAGMA incremental_vacuum(512)").fetchall()  # it works row by row
    return bool(empty > _SPARE_PAGES)


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """One unchanging view for several reads, so that a reading on its way into a chunk is seen exactly once."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # Only heeded before the first table: lets the upkeep give back what a backlog or expiry leaves empty.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: a commit returns after fsync of the log; what we acknowledge survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    # The upkeep checkpoints as it goes; this is the backstop that lets the log start over (4096-byte pages: 32 MiB).
    connection.execute("PRAGMA wal_autocheckpoint = 8192")
    connection.execute("PRAGMA cache_size = -4096")
    if _version(connection) == (0, 0) and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        connection.executescript(
            f"BEGIN IMMEDIATE; {_TABLES} {_SINCE_1} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {VERSION}; COMMIT;"
        )
    _check(connection, path)
    if _version(connection)[1] == 1:
        with transaction(connection):
            if _version(connection)[1] == 1:  # nobody else was quicker
                for statement in _SINCE_1.split(";\n"):
                    connection.execute(statement)
                connection.execute("PRAGMA user_version = 2")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    application, version = _version(connection)
    if application != APPLICATION_ID:
        raise ReadingsError(
            f"{path} is a database, but not a file of Tocsin's readings. Name another file for the readings."
        )
    if version > VERSION:
        raise ReadingsTooNew(
            f"{path} has version {version} of the file of readings, this program knows up to {VERSION}. "
            "Run the later version of Tocsin that wrote it, or restore the backup made before the upgrade."
        )


def _version(connection: sqlite3.Connection) -> tuple[int, int]:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return application, version
