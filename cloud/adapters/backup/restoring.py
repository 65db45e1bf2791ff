"""Puts a backup back: into an empty data directory, or in the place of what is there, which is kept aside."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloud.adapters.backup.contents import (
    AUTHORITY,
    BESIDE,
    DUMP,
    READINGS,
    STATE,
    Contents,
    Told,
    copied,
    read_contents,
)
from cloud.adapters.backup.taking import fitting
from cloud.adapters.sql.dumping import file_of, load, require_empty
from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.ledger_check import ledgers_of
from cloud.adapters.sql.migrating import newest, upgrade
from cloud.adapters.timeseries.journal.store import claimed
from cloud.application.ports import Clock
from cloud.errors import Conflict, Invalid, ReadingsHeld, Unavailable
from cloud.settings import RESTORING, CloudSettings

ASIDE: Final = "before"
"""What was replaced goes to `before-YYYYMMDDTHHMMSS` in the data directory."""
_WITH_IT: Final = ("", "-wal", "-shm")
"""How SQLite names what belongs to a database."""


def restore(
    settings: CloudSettings, folder: Path, *, replace: bool, clock: Clock, told: Told
) -> tuple[Contents, Path | None]:
    """What was restored, and where what it replaced is now. Every byte is checked before anything is changed.

    Raises Invalid where the backup is damaged or does not fit the settings, Conflict where a cloud runs on the data or something
    is there that was not to be replaced, Unavailable where it cannot be written.
    """
    found = read_contents(folder)
    _require_fitting(found, settings)
    settings.prepare_data()
    with _alone(settings):
        present = _present(settings, keys=found.keys)
        if present and not replace:
            raise Conflict(
                f"{settings.data} is in use already ({', '.join(path.name for path in present)}). Name an empty directory with "
                "--data, or give --replace: what is there is then kept aside, not removed."
            )
        if found.database == "postgresql":
            engine = open_engine(settings.database_url)
            try:
                require_empty(engine)
            finally:
                engine.dispose()
        staged = settings.data / RESTORING
        shutil.rmtree(staged, ignore_errors=True)
        try:
            _take_out(found, folder, staged, told)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        if found.database == "postgresql":
            load(settings.database_url, staged / DUMP, lambda: told("loading the database", 0, None))
            (staged / DUMP).unlink()
        aside = _put_aside(present, settings.data / f"{ASIDE}-{clock.now():%Y%m%dT%H%M%S}") if present else None
        _put_in_place(settings, staged)
        _verify(settings, found, clock, told)
    return found, aside


def _require_fitting(found: Contents, settings: CloudSettings) -> None:
    kind = "sqlite" if file_of(settings.database_url) else "postgresql"
    if kind != found.database:
        raise Invalid(
            f"This backup holds a {found.database} database, and the settings name a {kind} one. Name settings that fit with "
            "--config, or `database` in TOCSIN_DATABASE."
        )
    if found.revision > newest():
        raise Invalid(
            f"This backup was made by Tocsin {found.tocsin}, at revision {found.revision} of the database; this one knows up to "
            f"{newest()}. Install that version or a later one."
        )


@contextmanager
def _alone(settings: CloudSettings) -> Iterator[None]:
    """As long as nobody else records here. A cloud that starts meanwhile waits in vain and says so."""
    try:
        claim = claimed(settings.readings_path)
    except ReadingsHeld as error:
        raise Conflict(
            f"A cloud runs on {settings.data}. Stop it first (systemctl stop tocsin-cloud), or restore into another directory "
            "with --data to look at it beside the one that runs."
        ) from error
    with claim:
        yield


def _present(settings: CloudSettings, *, keys: bool) -> list[Path]:
    """What of a cloud's is there already and would be replaced; keys stay where they are if the backup has none."""
    databases = [path for path in (file_of(settings.database_url), settings.readings_path) if path is not None]
    files = [path.with_name(path.name + end) for path in databases for end in _WITH_IT]
    folders = [*(settings.data / name for name in BESIDE), *([settings.authority_path] if keys else [])]
    return [one for one in (*files, *folders) if one.exists()]


def _take_out(found: Contents, folder: Path, staged: Path, told: Told) -> None:
    staged.mkdir(mode=0o700)
    done = 0

    def progressed(more: int) -> None:
        nonlocal done
        done += more
        told("copying and checking", done, found.bytes)

    for one in found.files:
        copied(folder / one.path, staged / one.path, one, progressed)


def _put_aside(present: list[Path], aside: Path) -> Path:
    aside.mkdir(mode=0o700)
    for path in present:
        _moved(path, aside / path.name)
    return aside


def _put_in_place(settings: CloudSettings, staged: Path) -> None:
    """The folder it was staged in goes last: as long as it is there, no cloud starts on the data."""
    state = file_of(settings.database_url)
    places = {STATE: state, READINGS: settings.readings_path, AUTHORITY: settings.authority_path}
    for path in sorted(staged.iterdir()):
        target = places.get(path.name) or settings.data / path.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _moved(path, target)
    staged.rmdir()


def _moved(path: Path, to: Path) -> None:
    try:
        shutil.move(path, to)
    except OSError as error:
        raise Unavailable(
            f"{path} could not be moved to {to} ({error.strerror}). Nothing is lost: see to it, and give the same command again."
        ) from error


def _verify(settings: CloudSettings, found: Contents, clock: Clock, told: Told) -> None:
    """The database as a cloud will see it: brought up to date, and its ledgers reaching what the backup says."""
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        reach = {one.estate: one.head for one in found.ledgers if one.seq}
        step: Callable[[int, int], None] = lambda done, of: told("verifying the ledger", done, of)  # noqa: E731 - its type is said here
        for estate, one in ledgers_of(engine, clock, step, reach):
            fitting(estate, one)
    finally:
        engine.dispose()
