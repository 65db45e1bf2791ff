"""The journal: makes batches durable in one transaction, and nothing twice."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import IO

from cloud.adapters.timeseries.journal import deliveries
from cloud.adapters.timeseries.journal.file import open_for_writing, transaction, trouble
from cloud.adapters.timeseries.journal.outboxes import Outboxes
from cloud.adapters.timeseries.journal.segments import Draft
from cloud.application.timeseries import NodeCounts, Origin, Outcome, RawSample, SeqRange, StoredBatch, VoidRange
from cloud.errors import ReadingsHeld, ReadingsRefused


class Journal:
    """A TelemetryStore in one SQLite file. Use it from one thread.

    Of each outbox the last `digests_kept` batches to arrive are known by their digest; a node repeats only what it has in
    flight, a small fraction of that. An older seq that comes again is stored as a conflict rather than taken on trust.
    """

    def __init__(self, path: Path, digests_kept: int = 20_000) -> None:
        self._path = path
        self._series: dict[str, dict[str, int]] = {}
        with ExitStack() as opened, trouble(path):
            opened.enter_context(claimed(path))
            self._connection = opened.enter_context(closing(open_for_writing(path)))
            self._outboxes = Outboxes(self._connection, digests_kept)
            (self._segment,) = self._connection.execute(
                "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'segments'), 0)"
            ).fetchone()
            self._opened = opened.pop_all()

    def record(self, batches: Sequence[StoredBatch], at: int) -> list[Outcome]:
        """As TelemetryStore says; raises ReadingsRefused, and stores nothing, for a batch that no column can hold."""
        with self._transaction():
            segment = self._segment + 1
            outcomes = [self._outboxes.admit(batch, segment) for batch in batches]
            self._outboxes.flush()
            fresh = [b for b, outcome in zip(batches, outcomes, strict=True) if outcome is not Outcome.DUPLICATE]
            if fresh:
                self._append(segment, at, fresh)
        if fresh:
            self._segment = segment
        return outcomes

    def void(self, origin: Origin, first: int, last: int, reason: str, at: int) -> None:
        if first > last:
            raise ValueError(f"void from {first} to {last} of {origin}: the first seq comes after the last")
        with self._transaction():
            self._outboxes.void(origin, VoidRange(first, last, reason), at)

    def stored_ranges(self, origin: Origin) -> list[SeqRange]:
        with trouble(self._path):
            return deliveries.stored_ranges(self._connection, origin)

    def void_ranges(self, origin: Origin) -> list[VoidRange]:
        with trouble(self._path):
            return deliveries.void_ranges(self._connection, origin)

    def counts(self, estate: str, node: str) -> NodeCounts:
        with trouble(self._path):
            return deliveries.counts(self._connection, estate, node)

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with trouble(self._path):
            try:
                with transaction(self._connection):
                    yield
            except BaseException:
                self._outboxes.forget()
                self._series.clear()
                raise

    def _append(self, segment: int, at: int, batches: Sequence[StoredBatch]) -> None:
        estates: dict[str, list[RawSample]] = {}
        for batch in batches:
            estates.setdefault(batch.origin.estate, []).extend(batch.samples)
        draft = Draft()
        try:
            for estate, samples in estates.items():
                if samples:
                    points, times, values, quality = zip(*samples, strict=True)
                    draft.extend(self._numbers(estate, points), times, values, quality)
        except (TypeError, ValueError, OverflowError, KeyError) as error:
            raise _culprit(batches) from error
        self._connection.execute(
            "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (segment, at, *draft.row())
        )

    def _numbers(self, estate: str, points: Sequence[str]) -> array[int]:
        known = self._series.get(estate)
        if known is None:
            rows = self._connection.execute("SELECT point, id FROM series WHERE estate = ?", (estate,))
            known = self._series[estate] = dict(rows)
        try:
            return array("I", map(known.__getitem__, points))
        except KeyError:
            for point in dict.fromkeys(points):
                if point not in known:
                    sql = "INSERT INTO series (estate, point) VALUES (?, ?) RETURNING id"
                    (known[point],) = self._connection.execute(sql, (estate, point)).fetchone()
            return array("I", map(known.__getitem__, points))


def claimed(path: Path) -> IO[bytes]:
    """Holds the right to record until closed: two processes would each believe to know what is stored."""
    claim = path.with_name(f"{path.name}.lock").open("ab")
    try:
        flock(claim, LOCK_EX | LOCK_NB)
    except OSError as error:
        claim.close()
        raise ReadingsHeld(
            f"Another process records readings into {path}. Stop it, or give this one a file of its own."
        ) from error
    return claim


def _culprit(batches: Iterable[StoredBatch]) -> ReadingsRefused:
    """Looks for the batch that broke the commit: one at a time, which only a broken commit has to pay for."""
    for batch in batches:
        for sample in batch.samples:
            try:
                point, time, value, quality = sample
                Draft().extend(array("I", [len(point)]), (time,), (value,), (quality,))
            except (TypeError, ValueError, OverflowError, KeyError) as error:
                return ReadingsRefused(
                    f"Batch {batch.seq} of {'/'.join(batch.origin)} cannot be stored: {sample!r}: {error}. Put it among "
                    "the dead letters and record the others again.",
                )
    return ReadingsRefused("Batches cannot be stored together; record them one by one to find which.")
