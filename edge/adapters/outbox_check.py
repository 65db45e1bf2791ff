"""Whether a store is whole when the agent starts; a damaged one is put aside and what can be read of it saved."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from edge.adapters.outbox_memory import remembered_in
from edge.adapters.outbox_salvage import salvage
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from edge.errors import OutboxError, OutboxHeldError

_COMPANIONS = ("", "-wal", "-shm")
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
    """The store at `path`, and what became of a damaged one found there (None where all was well)."""
    fault = _fault(path)
    if fault is None:
        return _opened(path, quota_bytes), None
    aside = _put_aside(path)
    try:
        store = _opened(path, quota_bytes)
        try:
            saved = salvage(aside, store)
        except BaseException:
            store.close()
            raise
    except BaseException:
        # No room for a new one: the damaged one stays where it is looked for, and is salvaged when there is.
        _put_back(aside, path)
        raise
    said = f"{path.name} was damaged ({fault}); put aside as {aside.name}; {saved}; new outbox made"
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
