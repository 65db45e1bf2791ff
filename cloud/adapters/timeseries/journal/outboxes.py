"""Each numbered store at a node as the cloud knows it: what it has sent, and what of that was sent before."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from cloud.adapters.timeseries.journal.deliveries import stored_ranges
from cloud.adapters.timeseries.journal.ranges import SeqRanges
from cloud.application.timeseries import Origin, Outcome, StoredBatch, VoidRange

_DIGEST_BYTES: Final = 8
"""Of a digest 64 bits are kept: it tells two contents of one seq apart, it need not withstand a forger, who could only
deceive about his own node."""


@dataclass(slots=True)
class Outbox:
    """Seqs stored and what to add to the counters at the next commit."""

    id: int
    seqs: SeqRanges
    stored: int = 0
    readings: int = 0
    duplicate: int = 0
    conflict: int = 0
    late: int = 0
    refused: int = 0
    recent: int = field(default=0)

    def written(self) -> tuple[int, int, int, int, int, int, int]:
        """Values for the row's increments, which start over."""
        values = (self.stored, self.readings, self.duplicate, self.conflict, self.late, self.refused, self.id)
        self.stored = self.readings = self.duplicate = self.conflict = self.late = self.refused = 0
        return values


class Outboxes:
    """Admits batches inside the caller's transaction; keeps what it knows in memory, so `forget` after a rollback."""

    def __init__(self, connection: sqlite3.Connection, digests_kept: int) -> None:
        self._connection = connection
        self._digests_kept = digests_kept
        self._known: dict[Origin, Outbox] = {}
        self._touched: dict[int, Outbox] = {}
        self._digests: list[tuple[int, int, int, int]] = []

    def forget(self) -> None:
        self._known.clear()
        self._touched.clear()
        self._digests.clear()

    def admit(self, batch: StoredBatch, segment: int) -> Outcome:
        """Says what the batch is and notes it; `segment` is the commit it is part of."""
        box = self._known.get(batch.origin) or self._load(batch.origin)
        self._touched[box.id] = box
        digest = _shortened(batch.digest)
        outcome = Outcome.STORED
        if batch.seq in box.seqs:
            if self._has(box.id, batch.seq, digest):
                box.duplicate += 1
                return Outcome.DUPLICATE
            box.conflict += 1
            outcome = Outcome.CONFLICT
        else:
            box.seqs.add(batch.seq)
            box.stored += 1
        self._digests.append((box.id, batch.seq, digest, segment))
        box.recent += 1
        box.readings += len(batch.samples)
        box.refused += batch.refused
        box.late += batch.late
        return outcome

    def flush(self) -> None:
        """Writes down all that was admitted since the last flush."""
        self._flush_digests()
        boxes = self._touched.values()
        self._connection.executemany(
            "UPDATE outboxes SET stored = stored + ?, readings = readings + ?, duplicate = duplicate + ?, "
            "conflict = conflict + ?, late = late + ?, refused = refused + ? WHERE id = ?",
            [box.written() for box in boxes],
        )
        ends = [(box.id, first, box.seqs.last_of(first)) for box in boxes for first in box.seqs.changed]
        gone = [(box, first) for box, first, last in ends if last is None]
        if gone:
            self._connection.executemany("DELETE FROM ranges WHERE outbox = ? AND first = ?", gone)
        kept = [end for end in ends if end[2] is not None]
        self._connection.executemany("INSERT OR REPLACE INTO ranges VALUES (?, ?, ?)", kept)
        for box in boxes:
            box.seqs.changed.clear()
            # Prune by a quarter at a time: the sort it takes is then paid once in thousands of batches.
            if box.recent * 4 >= self._digests_kept:
                self._prune(box)
        self._touched.clear()

    def void(self, origin: Origin, void: VoidRange, at: int) -> None:
        box = self._known.get(origin) or self._load(origin)
        self._connection.execute("INSERT OR IGNORE INTO voids VALUES (?, ?, ?, ?, ?)", (box.id, *void, at))

    def _load(self, origin: Origin) -> Outbox:
        self._connection.execute("INSERT OR IGNORE INTO outboxes (estate, node, outbox) VALUES (?, ?, ?)", origin)
        sql = "SELECT id FROM outboxes WHERE estate = ? AND node = ? AND outbox = ?"
        (number,) = self._connection.execute(sql, origin).fetchone()
        box = Outbox(number, SeqRanges(stored_ranges(self._connection, origin)))
        # A box just loaded may hold a full set of digests already: let it be pruned soon.
        box.recent = self._digests_kept // 8
        self._known[Origin(*origin)] = box
        return box

    def _has(self, box: int, seq: int, digest: int) -> bool:
        self._flush_digests()  # the earlier batch may be part of this very commit
        sql = "SELECT 1 FROM digests WHERE outbox = ? AND seq = ? AND digest = ?"
        return self._connection.execute(sql, (box, seq, digest)).fetchone() is not None

    def _flush_digests(self) -> None:
        if self._digests:
            self._connection.executemany("INSERT INTO digests VALUES (?, ?, ?, ?)", self._digests)
            self._digests.clear()

    def _prune(self, box: Outbox) -> None:
        """Keeps the digests that arrived last, whatever their seq: a backlog's seqs are old, its repeats are not."""
        sql = "SELECT segment FROM digests WHERE outbox = ? ORDER BY segment DESC LIMIT 1 OFFSET ?"
        row = self._connection.execute(sql, (box.id, self._digests_kept)).fetchone()
        if row:
            self._connection.execute("DELETE FROM digests WHERE outbox = ? AND segment <= ?", (box.id, *row))
        box.recent = 0


def _shortened(digest: bytes) -> int:
    return int.from_bytes(blake2b(digest, digest_size=_DIGEST_BYTES).digest(), "little", signed=True)
