"""The outbox of a card that was pulled out of a dead node, as JSON lines that the cloud can be given."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.adapters.database_pages import DatabasePages
from edge.adapters.outbox_salvage import batches_on, rows_of, said_on
from edge.adapters.outbox_status import SEQ
from edge.errors import OutboxError

FORMAT = "tocsin-outbox"
VERSION = 1
_LOG = "-wal"


@dataclass
class Exported:
    """What was found. `numbered`: stream → the last number given; `here`: stream → how many batches are in the file."""

    outbox: str
    node: str | None
    numbered: dict[str, int]
    here: dict[str, int] = field(default_factory=dict)
    damage: str | None = None
    """What is wrong with the file; None where nothing is."""
    by_pages: int = 0
    """How many of the batches were found page by page, where no table led to them any more."""

    def sentences(self) -> Iterator[str]:
        """How many batches, and which of them the cloud had acknowledged; for people."""
        if self.damage is not None:
            yield (
                f"the file is damaged ({self.damage}): {self.by_pages} of the batches were found page by page; what was not"
                " found is lost"
            )
        yield f"outbox {self.outbox} of node {self.node or '(not written in it)'}"
        for stream in sorted(self.numbered.keys() | self.here.keys()):
            here = self.here.get(stream, 0)
            if stream not in self.numbered:
                yield f"  {stream}: how many batches were sealed cannot be read any more; {here} are exported"
                continue
            given = self.numbered[stream]
            yield (
                f"  {stream}: {given} batches were sealed; {max(given - here, 0)} of them the cloud has acknowledged, or"
                f" they were dropped and said so{', or are lost' if self.damage else ''}; {here} are exported"
            )
        if not any(self.here.values()):
            yield "  nothing to export" + ("" if self.damage else ": the cloud has acknowledged everything")


@contextlib.contextmanager
def exported(path: Path, node: str | None = None) -> Iterator[tuple[Exported, Iterator[str]]]:
    """What the file says of itself, and its lines: a heading, then one for each batch, sealed text untouched.

    The card is only read, so it may be mounted read-only; a damaged file gives what can still be read of it. Counts are
    complete once all lines are taken. Raises OutboxError.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy_of(path, Path(folder))
        # Before SQLite opens it, which may write what stands in the log into the file.
        pages = DatabasePages(copy)
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            meta, damage = _meta(path, connection, pages)
            numbered = {
                key.removeprefix(SEQ): int(value)
                for key, value in meta.items()
                if key.startswith(SEQ) and value.isdecimal()
            }
            found = Exported(meta.get("identity", "?"), node or meta.get("node"), numbered, damage=damage)
            yield found, _lines(found, connection, pages)


def _meta(path: Path, connection: sqlite3.Connection, pages: DatabasePages) -> tuple[dict[str, str], str | None]:
    """What the store says of itself, and what is wrong with it. Raises OutboxError where it is none."""
    said: dict[str, str] = {}
    try:
        (fault,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        damage = None if fault == "ok" else str(fault)
        said = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.DatabaseError as error:
        damage = str(error)
    if damage is not None:
        said = said_on(pages) | said
    if damage is not None and not said and next(batches_on(pages, _nothing_is_known), None) is None:
        raise OutboxError(f"{path} cannot be read as an outbox: {damage}; give the file that [outbox] path names")
    return said, damage


def _nothing_is_known(*_: object) -> bool:
    return False


def _copy_of(path: Path, folder: Path) -> Path:
    if not path.exists():
        raise OutboxError(f"{path} does not exist; name the outbox file on the card, for example outbox.db")
    copy = folder / "outbox.db"
    try:
        shutil.copyfile(path, copy)
        log = path.with_name(path.name + _LOG)
        if log.exists():
            # What was committed last stands in the log only.
            shutil.copyfile(log, copy.with_name(copy.name + _LOG))
    except OSError as error:
        raise OutboxError(f"{path} cannot be copied for reading: {error}; check the card and the free space") from error
    return copy


def _lines(found: Exported, connection: sqlite3.Connection, pages: DatabasePages) -> Iterator[str]:
    heading = {"format": FORMAT, "version": VERSION, "outbox": found.outbox, "node": found.node}
    yield json.dumps(heading | {"numbered": found.numbered})
    given: set[tuple[str, str, int]] = set()
    for rows in rows_of(connection):
        for row in rows:
            given.add(row[:3])
            yield _line(found, row)
    if found.damage is not None:
        for row in batches_on(pages, lambda *key: key in given):
            found.by_pages += 1
            yield _line(found, row)


def _line(found: Exported, row: tuple[Any, ...]) -> str:
    outbox, stream, seq, *_, payload = row
    found.here[stream] = found.here.get(stream, 0) + 1
    sealed = bytes(payload).decode("utf-8", "surrogateescape")
    return json.dumps({"outbox": outbox, "stream": stream, "seq": seq, "sealed": sealed})
