"""Whether a store is whole when the agent starts; a damaged one is put aside and what can be read of it saved."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.adapters.outbox_memory import remembered_in
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from edge.errors import OutboxError, OutboxHeldError

_COMPANIONS = ("", "-wal", "-shm")
_STRIDE = 200
_BATCHES = "SELECT outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload FROM batch NOT INDEXED"
_log = logging.getLogger(__name__)


class FileLock:
    """One agent per store: two would give one number to two batches."""

    def __init__(self, path: Path | None) -> None:
        self._path = None if path is None else path.with_name(path.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Hold the store. Raises OutboxHeldError where another agent does, OutboxError where the folder is no use."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OutboxError(
                f"{self._path.parent} cannot be written: {error.strerror}; check its owner and disk"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutboxHeldError(
                f"{self._path} is held by another agent; two may not share an outbox - stop the other one first"
            ) from None

    def is_held(self) -> bool:
        """Whether an agent holds the store now. Makes no file: one of root's would keep the agent's user out."""
        if self._path is None:
            return False
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def open_checked(path: Path, quota_bytes: int) -> tuple[OutboxStore, str | None]:
    """The store at `path`, and what became of a damaged one found there (None where all was well)."""
    fault = _fault(path)
    if fault is None:
        return _opened(path, quota_bytes), None
    aside = _put_aside(path)
    try:
        store = _opened(path, quota_bytes)
        try:
            saved = _salvage(aside, store)
        except BaseException:
            store.close()
            raise
    except BaseException:
        # No room for a new one: the damaged one stays where it is looked for, and is salvaged when there is.
        _put_back(aside, path)
        raise
    said = (
        f"{path.name} was damaged ({fault}); put aside as {aside.name}; {saved} batches saved from it; new outbox made"
    )
    _log.error("the outbox was damaged", extra={"outbox": str(path), "what": said})
    return store, said


def open_in_memory(quota_bytes: int, instead_of: Path | None = None) -> OutboxStore:
    """A store that ends with the process. It knows of the node what the file says that it stands in for, if that can be read."""
    store = OutboxStore(connect(Path(":memory:")), quota_bytes)
    if instead_of is not None and (file := remembered_in(instead_of)) is not None:
        with contextlib.closing(file), contextlib.suppress(OutboxError):
            store.remember(file)
    return store


def _opened(path: Path, quota_bytes: int) -> OutboxStore:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = connect(path)
    except (OSError, sqlite3.Error) as error:
        raise OutboxError(
            f"{path} cannot be opened: {error}; check its owner, and the disk with `tocsin-edge doctor`"
        ) from error
    try:
        return OutboxStore(connection, quota_bytes)
    except BaseException:
        connection.close()
        raise


def _fault(path: Path) -> str | None:
    """What is wrong with the file, None where nothing is (or there is none yet)."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with contextlib.closing(connect(path)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        # Not damage: the disk or its permissions. Opening it says so in full.
        if "malformed" not in str(error):
            return None
        return str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else str(said)


def _put_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for suffix in _COMPANIONS:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _put_back(aside: Path, path: Path) -> None:
    for suffix in _COMPANIONS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
        part = aside.with_name(aside.name + suffix)
        if part.exists():
            part.rename(path.with_name(path.name + suffix))


def _salvage(aside: Path, store: OutboxStore) -> int:
    """Save what can be read: batches keep the identity they were sealed with, so the cloud knows any that it has."""
    saved = 0
    with contextlib.suppress(sqlite3.Error), contextlib.closing(connect(aside)) as damaged:
        for rows in rows_of(damaged):
            store.adopt(rows)
            saved += len(rows)
        with contextlib.suppress(sqlite3.Error):
            store.adopt_rules(damaged.execute("SELECT rule, boot, state, active FROM rule").fetchall())
    return saved


def rows_of(damaged: sqlite3.Connection) -> Iterator[list[tuple[Any, ...]]]:
    """Every batch that can be read, some at a time, in order: (outbox, stream, seq, …, payload)."""
    first, last = _end(damaged, "ASC", 1), max(_end(damaged, "DESC", 0), _given(damaged))
    for start in range(first, last + 1, _STRIDE):
        yield _readable(damaged, start, start + _STRIDE)


def _end(damaged: sqlite3.Connection, order: str, otherwise: int) -> int:
    """The first or last place. Asked of the table alone: an index may be what is damaged."""
    with contextlib.suppress(sqlite3.Error):
        query = f"SELECT place FROM batch NOT INDEXED ORDER BY place {order} LIMIT 1"  # noqa: S608 - constant
        for (place,) in damaged.execute(query):
            return int(place)
    return otherwise


def _given(damaged: sqlite3.Connection) -> int:
    """The last place ever given, known beside the table: it leads past pages that cannot be read."""
    with contextlib.suppress(sqlite3.Error):
        for (place,) in damaged.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'"):
            return int(place)
    return 0


def _readable(damaged: sqlite3.Connection, start: int, end: int) -> list[tuple[Any, ...]]:
    """The batches at places from `start` to before `end`; one by one where a damaged page lies among them."""
    try:
        return damaged.execute(f"{_BATCHES} WHERE place >= ? AND place < ?", (start, end)).fetchall()
    except sqlite3.Error:
        rows: list[tuple[Any, ...]] = []
        for place in range(start, end):
            with contextlib.suppress(sqlite3.Error):
                rows += damaged.execute(f"{_BATCHES} WHERE place = ?", (place,)).fetchall()
        return rows
