"""What of each node's telemetry has arrived, for any thread to read."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from cloud.adapters.timeseries.journal.views import Views
from cloud.application.timeseries import NodeCounts, Origin, SeqRange, VoidRange

_BOX = "WHERE outbox = (SELECT id FROM outboxes WHERE estate = ? AND node = ? AND outbox = ?)"


class JournalDeliveries:
    """A Deliveries on the journal's file, for readers in other threads than the one that records."""

    def __init__(self, path: Path) -> None:
        self._views = Views(path)

    def origins(self) -> list[Origin]:
        with self._views.view() as connection:
            return [Origin(*row) for row in connection.execute("SELECT estate, node, outbox FROM outboxes")]

    def stored_ranges(self, origin: Origin) -> list[SeqRange]:
        with self._views.view() as connection:
            return stored_ranges(connection, origin)

    def void_ranges(self, origin: Origin) -> list[VoidRange]:
        with self._views.view() as connection:
            return void_ranges(connection, origin)

    def counts(self, estate: str, node: str) -> NodeCounts:
        with self._views.view() as connection:
            return counts(connection, estate, node)

    def close(self) -> None:
        self._views.close()


def stored_ranges(connection: sqlite3.Connection, origin: Origin) -> list[SeqRange]:
    sql = f"SELECT first, last FROM ranges {_BOX} ORDER BY first"  # noqa: S608 - no value is pasted in
    return [SeqRange(*row) for row in connection.execute(sql, origin)]


def void_ranges(connection: sqlite3.Connection, origin: Origin) -> list[VoidRange]:
    sql = f"SELECT first, last, reason FROM voids {_BOX} ORDER BY first, last"  # noqa: S608 - no value is pasted in
    return [VoidRange(*row) for row in connection.execute(sql, origin)]


def counts(connection: sqlite3.Connection, estate: str, node: str) -> NodeCounts:
    sql = "SELECT outbox, stored, readings, duplicate, conflict, late, refused FROM outboxes WHERE estate = ? AND node = ?"
    rows = connection.execute(sql, (estate, node)).fetchall()
    void = missing = 0
    for outbox, *_ in rows:
        origin = Origin(estate, node, outbox)
        unsent, gap = _gaps(stored_ranges(connection, origin), void_ranges(connection, origin))
        void, missing = void + unsent, missing + gap
    stored, readings, duplicate, conflict, late, refused = (
        [sum(column) for column in list(zip(*rows, strict=True))[1:]] if rows else [0] * 6
    )
    return NodeCounts(stored, readings, duplicate, conflict, late, refused, void, missing)


def _gaps(stored: Sequence[SeqRange], voids: Sequence[VoidRange]) -> tuple[int, int]:
    """Seqs that are only void, and seqs from 1 to the highest known that are neither stored nor void."""
    reached = known = missing = 0
    for first, last in sorted([*stored, *((first, last) for first, last, _ in voids)]):
        missing += max(0, first - reached - 1)
        known += max(0, last - max(reached, first - 1))
        reached = max(reached, last)
    return known - sum(last - first + 1 for first, last in stored), missing
