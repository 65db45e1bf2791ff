"""Whether a store is whole when the agent starts; a damaged one is put aside and what can be read of it saved."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.adapters.outbox_memory import StoreMemory, remembered_in
from edge.adapters.outbox_salvage import salvage
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect, failures
from edge.errors import OutboxError, OutboxHeldError

_BESIDE: Final = ("-wal", "-shm")
"""What SQLite keeps beside a file."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxFile:
    """Where an outbox lies when there is room for it, and whose it is, as estate/name."""

    path: Path
    quota_bytes: int
    node: str


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
    """The store at `path`, and what is still to be said of a damaged one that was found there (None where all was well)."""
    _finish(path)
    fault = _fault(path)
    if fault is not None:
        said = _rebuild(path, quota_bytes, fault)
        _finish(path)
        _log.error("the outbox was damaged", extra={"outbox": str(path), "what": said})
    store = _opened(path, quota_bytes)
    try:
        return store, _untold(path)
    except BaseException:
        store.close()
        raise


def _rebuild(path: Path, quota_bytes: int, fault: str) -> str:
    """A whole store beside the damaged one, with what can be read of it and what is to be said of it; then that one is put aside.
    Until then it lies where it is looked for, whatever goes wrong or whenever the power goes: it is begun anew.
    """
    made, aside = _made(path), _next_aside(path)
    _remove(made)
    try:
        store = _opened(made, quota_bytes)
        try:
            saved = salvage(path, store)
        finally:
            store.close()
        said = f"{path.name} was damaged ({fault}); put aside as {aside.name}; {saved}; new outbox made"
        with failures(), contextlib.closing(connect(made)) as connection:
            StoreMemory(connection).salvaged = said
    except BaseException:
        # No room for a new one: the damaged one is salvaged when there is.
        _remove(made)
        raise
    path.rename(aside)
    return said


def _finish(path: Path) -> None:
    """The damaged file was put aside, so the one made of it is whole and takes its place, and not before what belonged to the
    damaged one is out of its way: SQLite would take that log for the new file's.
    """
    made = _made(path)
    if path.exists() or not made.exists():
        return
    aside = path.with_name(f"{path.name}.damaged-{_number(path) - 1}")
    for suffix in _BESIDE:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    made.rename(path)
    _keep_names(path.parent)


def _untold(path: Path) -> str | None:
    with failures(), contextlib.closing(connect(path)) as connection:
        return StoreMemory(connection).salvaged


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


def _made(path: Path) -> Path:
    return path.with_name(path.name + ".rebuilt")


def _next_aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged-{_number(path)}")


def _number(path: Path) -> int:
    """Of the next damaged file that is put aside."""
    number = 1
    while path.with_name(f"{path.name}.damaged-{number}").exists():
        number += 1
    return number


def _remove(path: Path) -> None:
    for suffix in ("", *_BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _keep_names(folder: Path) -> None:
    """What was renamed is so after a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
