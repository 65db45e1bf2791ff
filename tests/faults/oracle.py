"""What nodes have once put in their outboxes, written down by the outbox file itself, and what the cloud has of it."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from schemas.batch import digest
from schemas.events import EventBatch
from schemas.telemetry import TelemetryBatch, readings

_DIARY = """
CREATE TABLE IF NOT EXISTS diary (outbox TEXT, stream TEXT, seq INTEGER, payload BLOB);
CREATE TRIGGER IF NOT EXISTS write_down AFTER INSERT ON batch WHEN NEW.outbox = (SELECT value FROM meta WHERE key = 'identity')
BEGIN INSERT INTO diary VALUES (NEW.outbox, NEW.stream, NEW.seq, NEW.payload); END;
"""
_CATCH_UP = """
INSERT INTO diary SELECT outbox, stream, seq, payload FROM batch
    WHERE outbox = (SELECT value FROM meta WHERE key = 'identity');
"""
_FAR = 2**62

Fact = tuple[Any, ...]


@dataclass(frozen=True)
class Batch:
    outbox: str
    stream: str
    seq: int
    payload: bytes

    @property
    def identity(self) -> tuple[str, str, int, bytes]:
        return self.outbox, self.stream, self.seq, digest(self.payload)


def keep_a_diary(outbox: Path, *, begun: bool = False) -> None:
    """From now on whatever is committed to this outbox is written down in the very same transaction, by a trigger.

    So the diary knows exactly what was put there, whatever is killed when; acknowledged batches stay in it. `begun`: it
    has been in use, and nothing of its own was acknowledged yet, so that all of it is still there.
    """
    copied = _CATCH_UP if begun else ""
    with closing(sqlite3.connect(outbox, timeout=10)) as connection:
        connection.executescript(f"BEGIN IMMEDIATE; {_DIARY} {copied} COMMIT;")


def diary(outbox: Path) -> list[Batch]:
    """Everything that was ever put into this outbox."""
    with closing(sqlite3.connect(outbox)) as connection:
        return [Batch(*row) for row in connection.execute("SELECT outbox, stream, seq, payload FROM diary")]


def held(outbox: Path) -> list[Batch]:
    """Batches that the node still holds."""
    with closing(sqlite3.connect(outbox)) as connection:
        return [Batch(*row) for row in connection.execute("SELECT outbox, stream, seq, payload FROM batch")]


def waiting(outbox: Path) -> int:
    """Batches that the node still holds."""
    with closing(sqlite3.connect(f"file:{outbox}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM batch").fetchone()
    return int(count)


@dataclass(frozen=True)
class Balance:
    """What was put in outboxes, what the cloud has, in records."""

    sent: int
    stored: int
    lost: Counter[Fact]
    duplicate: Counter[Fact]

    def __str__(self) -> str:
        return f"sent {self.sent} stored {self.stored} lost {self.lost.total()} duplicate {self.duplicate.total()}"

    def check(self) -> None:
        """Each record exactly once."""
        print(self)
        assert not self.lost, f"lost: {list(self.lost.items())[:5]}"
        assert not self.duplicate, f"there twice, or never sent: {list(self.duplicate.items())[:5]}"


def balance(batches: Iterable[Batch], data: Path, doomed: Iterable[Batch] = ()) -> Balance:
    """Compares with the stores in a cloud's folder. The same batch put in twice (a copied card) counts once. `doomed` were
    nowhere but on a card that lied when it lost them: they may have arrived, and nobody can be asked for them.
    """
    once = {batch.identity: batch for batch in batches}.values()
    offsets = boot_offsets(data)
    expected = Counter(fact for batch in once for fact in _facts(batch, offsets))
    found = Counter(stored(data))
    forgone = Counter(fact for batch in doomed for fact in _facts(batch, offsets))
    return Balance(expected.total(), found.total(), expected - found - forgone, found - expected)


def overtaken(data: Path) -> int:
    """Batches that the cloud stored after one with a higher number: what shows that order was lost on the way at all."""
    with closing(sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True)) as connection:
        events = connection.execute("SELECT outbox, seq, stored_at FROM batches WHERE stream = 'events'").fetchall()
    with closing(sqlite3.connect(f"file:{data / 'readings.db'}?mode=ro", uri=True)) as connection:
        telemetry = connection.execute("SELECT outbox, seq, segment FROM digests").fetchall()
    return sum(_overtaken(rows) for rows in (events, telemetry))


def _overtaken(rows: Iterable[tuple[Any, int, Any]]) -> int:
    count = 0
    first_above: dict[Any, Any] = {}
    for outbox, _, stored_at in sorted(rows, reverse=True):
        earliest = first_above.get(outbox)
        count += earliest is not None and earliest < stored_at
        first_above[outbox] = stored_at if earliest is None else min(earliest, stored_at)
    return count


def boot_offsets(data: Path) -> dict[str, int]:
    """Boot → microseconds to add to its monotonic time, as the cloud has decided them."""
    with closing(sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True)) as connection:
        return dict(connection.execute('SELECT boot, "offset" FROM boots'))


def stored(data: Path) -> Iterator[Fact]:
    """Every record that the cloud has kept."""
    if (data / "readings.db").exists():
        reader = EmbeddedReader(data / "readings.db")
        for point in reader.points("example"):
            for sample in reader.read("example", point, -_FAR, _FAR, limit=10**9):
                yield "reading", point, sample.time, sample.value
        reader.close()
    with closing(sqlite3.connect(f"file:{data / 'state.db'}?mode=ro", uri=True)) as connection:
        for outbox, seq, index, body in connection.execute('SELECT outbox, seq, "index", body FROM events'):
            yield _event_fact(outbox, seq, index, json.loads(body))


def _facts(batch: Batch, offsets: Mapping[str, int]) -> Iterator[Fact]:
    if batch.stream == "events":
        known = EventBatch.model_validate_json(batch.payload)
        for index, event in enumerate(known.events):
            yield _event_fact(batch.outbox, batch.seq, index, event.model_dump(mode="json", exclude_none=True))
        return
    told = TelemetryBatch.model_validate_json(batch.payload)
    for reading in readings(told, 0.0):
        value = float(reading.value) if type(reading.value) is int else reading.value
        if told.clock == "synchronised" and reading.time is not None and reading.time < time.time() + 60:
            at = int(reading.time * 1e6 + 0.5)
        else:
            assert reading.mono is not None
            at = offsets[told.boot] + int(reading.mono * 1e6 + 0.5)
        yield "reading", reading.point, at, value


def _event_fact(outbox: str, seq: int, index: int, body: Mapping[str, Any]) -> Fact:
    return "event", outbox, seq, index, json.dumps(body, sort_keys=True)
