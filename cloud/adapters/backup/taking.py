"""Copies everything a cloud keeps into a folder of its own, beside a running cloud or not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from cloud.adapters.backup.contents import (
    AUTHORITY,
    BESIDE,
    DUMP,
    NAME,
    READINGS,
    STATE,
    Contents,
    LedgerThen,
    Told,
    contents_of,
)
from cloud.adapters.backup.sqlite_snapshot import Snapshot, check
from cloud.adapters.sql.dumping import dump, file_of, listed, revision_of
from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.ledger_check import engine_on_copy, ledgers_of
from cloud.adapters.sql.migrating import newest
from cloud.application.ports import Clock
from cloud.domain.records.examination import Examined
from cloud.errors import Conflict, Invalid, Unavailable
from cloud.settings import CloudSettings

_SPARE_BYTES: Final = 64 * 2**20


def back_up(settings: CloudSettings, folder: Path, *, clock: Clock, told: Told, keys: bool = True) -> Contents:
    """Database, readings, photos, waiting imports and, if wanted, keys; each copy is checked before the folder gets its name.

    Raises Conflict where the folder exists, Invalid where there is nothing to copy or a copy is damaged, Unavailable where it
    cannot be written. Then, and when it is stopped, nothing is left behind.
    """
    if folder.exists():
        raise Conflict(f"{folder} exists already, and a backup overwrites nothing. Name a new folder.")
    with ExitStack() as stack:
        # Both views begin before anything is copied, a moment apart.
        state = stack.enter_context(closing(Snapshot(path))) if (path := file_of(settings.database_url)) else None
        readings = settings.readings_path
        measured = stack.enter_context(closing(Snapshot(readings))) if readings.exists() else None
        _require_room(folder, sum(one.bytes for one in (state, measured) if one is not None))
        part = stack.enter_context(_unfinished(folder))
        if state is not None:
            state.copy(part / STATE, lambda done, of: told("copying the database", done, of))
            state.close()
        if measured is not None:
            measured.copy(part / READINGS, lambda done, of: told("copying the readings", done, of))
            measured.close()
        database, revision, ledgers = _state_of(settings, part, clock, told)
        _copy_beside(settings, part, told, keys=keys)
        if measured is not None:
            told("checking the readings", 0, None)
            check(part / READINGS, thorough=False, told=lambda: told("checking the readings", 0, None))
        found = contents_of(
            part, tocsin=version("tocsin"), at=clock.now(), database=database, revision=revision, ledgers=ledgers, told=told
        )  # fmt: skip
        (part / NAME).write_text(found.model_dump_json(indent=2) + "\n", encoding="utf-8")
        _on_disk(part)
        part.rename(folder)
        _sync(folder.parent)
    return found


def _state_of(
    settings: CloudSettings, part: Path, clock: Clock, told: Told
) -> tuple[Literal["sqlite", "postgresql"], str, tuple[LedgerThen, ...]]:
    """Checks the copy of the database, or makes it where PostgreSQL has it: which, at what revision, its ledgers' heads."""
    if (copy := part / STATE).exists():
        told("checking the database", 0, None)
        check(copy, thorough=True, told=lambda: told("checking the database", 0, None))
        engine = engine_on_copy(copy)
        try:
            revision = revision_of(engine)
            return "sqlite", revision, _heads(engine, revision, clock, told)
        finally:
            engine.dispose()
    engine = open_engine(settings.database_url)
    try:
        revision = revision_of(engine)
        # Read before the dump is made, so that the dump reaches at least as far.
        heads = _heads(engine, revision, clock, told)
    finally:
        engine.dispose()
    dump(settings.database_url, part / DUMP, lambda done: told("dumping the database", done, None))
    (part / DUMP).chmod(0o600)
    listed(part / DUMP)
    return "postgresql", revision, heads


def _heads(engine: object, revision: str, clock: Clock, told: Told) -> tuple[LedgerThen, ...]:
    if revision != newest():
        raise Invalid(
            f"The database is at revision {revision}, this Tocsin knows {newest()}. Copy it with the version that runs on it, or "
            "give `tocsin db upgrade` first."
        )
    walked = ledgers_of(engine, clock, lambda done, of: told("verifying the ledger", done, of))  # type: ignore[arg-type] # SQLAlchemy stays unnamed here
    return tuple(
        LedgerThen(estate=estate, seq=(head := fitting(estate, one).head).seq, hash=head.hash) for estate, one in walked
    )


def fitting(estate: str, found: Examined) -> Examined:
    """Raises Invalid where a ledger does not hold together."""
    if found.finding is not None:
        one = found.finding
        raise Invalid(f"The ledger of {estate} does not fit at entry {one.seq}: {one.reason}. {one.remedy}")
    return found


def _copy_beside(settings: CloudSettings, part: Path, told: Told, *, keys: bool) -> None:
    """Photos come after the database, so that each one it names is there; what is removed meanwhile is no loss."""
    sources = [(settings.data / name, part / name) for name in BESIDE]
    if keys:
        sources.append((settings.authority_path, part / AUTHORITY))
    for source, target in sources:
        for path in sorted(source.rglob("*")) if source.is_dir() else ():
            if not path.is_file() or path.name.startswith(".") or path.suffix == ".part":
                continue
            to = target / path.relative_to(source)
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                shutil.copyfile(path, to)
            except FileNotFoundError:
                continue
            to.chmod(0o600)
            told(f"copying {target.name}", 0, None)


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """A folder beside the one that is wanted, removed again unless it was renamed."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be made ({error.strerror}). Name a place this user may write to."
        ) from error
    try:
        yield part
    except OSError as error:
        raise Unavailable(
            f"{folder} could not be written ({error.strerror}). Free disk space, or name another."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _require_room(folder: Path, wanted: int) -> None:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < wanted + _SPARE_BYTES:
        raise Unavailable(
            f"A backup needs {wanted / 2**20:.0f} MiB, and {there} has {free / 2**20:.0f} MiB free. Name a folder on another disk."
        )


def _on_disk(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
