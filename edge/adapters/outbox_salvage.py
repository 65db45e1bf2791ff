"""What can still be read of a damaged outbox: by its tables where these hold, and page by page where they do not."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from edge.adapters.database_pages import Cell, DatabasePages, values
from edge.adapters.outbox_sealing import ROW_BYTES
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from schemas.alarm_rules import RuleState
from schemas.batch import Stream
from schemas.events import EventBatch
from schemas.presence import ActiveOccurrence
from schemas.telemetry import TelemetryBatch

Row = tuple[Any, ...]
"""(outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload)."""
IsKnown = Callable[[str, str, int], bool]
"""(outbox, stream, seq) → whether this batch was saved already."""

_STRIDE: Final = 200
_BATCHES: Final = (
    "SELECT outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload FROM batch NOT INDEXED"
)
_FILLED: Final = 0.8
"""Of the quota, by what pages hold: what happens next needs room too."""
_COLUMNS: Final = 10
_PAYLOAD: Final = 9
_RULE_COLUMNS: Final = 4
_META_COLUMNS: Final = 2


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many batches were saved by the tables and how many more from pages, for how many rules, and for how many batches
    there was no room: they lie in the file that was put aside, for `outbox export`.
    """

    by_tables: int
    by_pages: int
    rules: int
    left_aside: int

    @property
    def batches(self) -> int:
        return self.by_tables + self.by_pages

    def __str__(self) -> str:
        left = f"; {self.left_aside} batches left in it for want of room" if self.left_aside else ""
        return (
            f"{self.batches} batches saved from it ({self.by_pages} of them page by page), with what {self.rules} rules"
            f" remember{left}"
        )


def salvage(aside: Path, store: OutboxStore) -> Salvaged:
    """Save what can be read: batches keep the identity they were sealed with, so the cloud knows any that it has."""
    by_tables = 0
    rules: list[Row] = []
    with contextlib.suppress(sqlite3.Error), contextlib.closing(connect(aside)) as damaged:
        for rows in rows_of(damaged):
            by_tables += store.adopt(rows)
        with contextlib.suppress(sqlite3.Error):
            rules = damaged.execute("SELECT rule, boot, state, active FROM rule").fetchall()
    pages = DatabasePages(aside)
    by_pages = 0
    found = _newest_that_fit(
        _batches_on(pages, store.has), int(store.room.quota_bytes * _FILLED) - store.room.used_bytes
    )
    for rows in _some_at_a_time(_rows_in(pages, found.kept)):
        by_pages += store.adopt(rows)
    rules = rules or list(_rules_on(pages).values())
    store.adopt_rules(rules)
    return Salvaged(by_tables, by_pages, len(rules), found.left_aside)


def rows_of(damaged: sqlite3.Connection) -> Iterator[list[Row]]:
    """Every whole batch that the tables lead to, some at a time, in order. SQLite gives noughts for what lies on a page that
    is blank, and says nothing.
    """
    first, last = _end(damaged, "ASC", 1), max(_end(damaged, "DESC", 0), _given(damaged))
    for start in range(first, last + 1, _STRIDE):
        yield [row for row in _readable(damaged, start, start + _STRIDE) if _row_in([None, *row]) is not None]


def batches_on(pages: DatabasePages, known: IsKnown) -> Iterator[Row]:
    """Every batch on the pages that is not known yet, in order; each once. Some may be acknowledged and deleted, where the
    file does not say any more which pages it had given up: the cloud knows those.
    """
    given: set[tuple[str, str, int]] = set()
    for row in _rows_in(pages, (cell for _, cell in sorted(_batches_on(pages, known)))):
        if row[:3] not in given:
            given.add(row[:3])
            yield row


@dataclass(frozen=True, slots=True)
class _Fitting:
    kept: list[Cell]
    left_aside: int


def _newest_that_fit(found: list[tuple[int, Cell]], room: int) -> _Fitting:
    """What there is room for: of what may have been deleted, that is the oldest. In order."""
    kept: list[Cell] = []
    for _, cell in sorted(found, reverse=True):
        room -= cell.size
        if room < 0:
            break
        kept.append(cell)
    return _Fitting(kept[::-1], len(found) - len(kept))


def _batches_on(pages: DatabasePages, known: IsKnown) -> list[tuple[int, Cell]]:
    """Cells that look like a batch, by their first columns, with their place."""
    return [
        (cell.rowid or 0, cell)
        for cell in pages.cells(tables=True)
        if (head := _first_columns(pages, cell)) is not None and not known(*head)
    ]


def _rows_in(pages: DatabasePages, cells: Iterable[Cell]) -> Iterator[Row]:
    """Each is held against what is sealed in it, so that no remains of two pages pass for one."""
    for cell in cells:
        row = next((row for record in pages.record(cell) if (row := _row_in(record)) is not None), None)
        if row is not None:
            yield row


def _some_at_a_time(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == _STRIDE:
            yield some
            some = []
    yield some


def said_on(pages: DatabasePages) -> dict[str, str]:
    """What the store said of itself: its identity, whose it is, the numbers it gave. Of several pages, the last."""
    said: dict[str, str] = {}
    for cell in pages.cells(tables=False):
        for record in pages.record(cell):
            if len(record) == _META_COLUMNS and all(isinstance(value, str) for value in record):
                key, value = record
                newer = max(said.get(key, ""), value, key=lambda number: (len(number), number))
                said[key] = newer if key.startswith("seq.") else value
    return said


def _first_columns(pages: DatabasePages, cell: Cell) -> tuple[str, str, int] | None:
    record = values(pages.head(cell) + bytes(cell.size - cell.here))
    if record is None or len(record) != _COLUMNS or record[0] is not None:
        return None
    _, outbox, stream, seq, *_ = record
    if not (isinstance(outbox, str) and stream in (Stream.EVENTS, Stream.TELEMETRY) and isinstance(seq, int)):
        return None
    return outbox, stream, seq


def _row_in(record: list[Any]) -> Row | None:
    if len(record) != _COLUMNS or not isinstance(record[_PAYLOAD], bytes):
        return None
    _, outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload = record
    try:
        batch = (EventBatch if stream == Stream.EVENTS else TelemetryBatch).model_validate_json(payload)
    except ValidationError:
        return None
    count = len(batch.events) if isinstance(batch, EventBatch) else len(batch.pack)
    written = (outbox, seq, boot, sealed_mono, records, size)
    sealed = (batch.outbox, batch.seq, batch.boot, batch.sealed_mono, count, len(payload) + ROW_BYTES)
    if written != sealed or life_safety not in (0, 1):
        return None
    return outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload


def _rules_on(pages: DatabasePages) -> dict[str, Row]:
    """What rules remembered, the latest of each: a state says itself when it was."""
    latest: dict[str, tuple[float, Row]] = {}
    for cell in pages.cells(tables=False):
        for record in pages.record(cell):
            if len(record) != _RULE_COLUMNS or not all(isinstance(value, str) for value in record[:3]):
                continue
            rule, _, state, active = record
            try:
                mono = RuleState.from_json(state).mono
                _ = active is None or ActiveOccurrence.model_validate_json(active)
            except (ValueError, TypeError):
                continue
            if rule not in latest or mono >= latest[rule][0]:
                latest[rule] = mono, tuple(record)
    return {rule: row for rule, (_, row) in latest.items()}


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


def _readable(damaged: sqlite3.Connection, start: int, end: int) -> list[Row]:
    """The batches at places from `start` to before `end`; one by one where a damaged page lies among them."""
    try:
        return damaged.execute(f"{_BATCHES} WHERE place >= ? AND place < ?", (start, end)).fetchall()
    except sqlite3.Error:
        rows: list[Row] = []
        for place in range(start, end):
            with contextlib.suppress(sqlite3.Error):
                rows += damaged.execute(f"{_BATCHES} WHERE place = ?", (place,)).fetchall()
        return rows
