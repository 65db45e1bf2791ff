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

from edge.adapters.outbox_check import rows_of
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

    def sentences(self) -> Iterator[str]:
        """How many batches, and which of them the cloud had acknowledged; for people."""
        yield f"outbox {self.outbox} of node {self.node or '(not written in it)'}"
        for stream, given in sorted(self.numbered.items()):
            here = self.here.get(stream, 0)
            yield (
                f"  {stream}: {given} batches were sealed; {max(given - here, 0)} of them the cloud has acknowledged, or"
                f" they were dropped and said so; {here} are exported"
            )
        if not any(self.here.values()):
            yield "  nothing to export: the cloud has acknowledged everything"


@contextlib.contextmanager
def exported(path: Path, node: str | None = None) -> Iterator[tuple[Exported, Iterator[str]]]:
    """What the file says of itself, and its lines: a heading, then one for each batch, sealed text untouched.

    The card is only read, so it may be mounted read-only; a damaged file gives what can still be read of it. Counts are
    complete once all lines are taken. Raises OutboxError.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(_copy_of(path, Path(folder))) as connection:
        try:
            meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
        except sqlite3.DatabaseError as error:
            raise OutboxError(
                f"{path} cannot be read as an outbox: {error}; give the file that [outbox] path names"
            ) from error
        numbered = {key.removeprefix(SEQ): int(value) for key, value in meta.items() if key.startswith(SEQ)}
        found = Exported(meta.get("identity", "?"), node or meta.get("node"), numbered)
        yield found, _lines(found, connection)


def _copy_of(path: Path, folder: Path) -> sqlite3.Connection:
    if not path.exists():
        raise OutboxError(f"{path} does not exist; name the outbox file on the card, for example outbox.db")
    copy = folder / "outbox.db"
    try:
        shutil.copyfile(path, copy)
        log = path.with_name(path.name + _LOG)
        if log.exists():
            # What was committed last stands in the log only.
            shutil.copyfile(log, copy.with_name(copy.name + _LOG))
        return sqlite3.connect(copy, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise OutboxError(f"{path} cannot be copied for reading: {error}; check the card and the free space") from error


def _lines(found: Exported, connection: sqlite3.Connection) -> Iterator[str]:
    heading = {"format": FORMAT, "version": VERSION, "outbox": found.outbox, "node": found.node}
    yield json.dumps(heading | {"numbered": found.numbered})
    for rows in rows_of(connection):
        for row in rows:
            yield _line(found, row)


def _line(found: Exported, row: tuple[Any, ...]) -> str:
    outbox, stream, seq, *_, payload = row
    found.here[stream] = found.here.get(stream, 0) + 1
    sealed = bytes(payload).decode("utf-8", "surrogateescape")
    return json.dumps({"outbox": outbox, "stream": stream, "seq": seq, "sealed": sealed})
