"""Moves readings from the journal's segments into chunks, a little at a time, and each reading in one place at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from cloud.adapters.timeseries.embedded.chunks import FULL, Chunk, by_time, chunks_of, days, joined, unpacked
from cloud.adapters.timeseries.journal.file import open_for_writing, shrink, transaction, trouble
from cloud.adapters.timeseries.journal.segments import KIND, TEXT, Columns, columns_of
from cloud.application.timeseries import DAY, HOUR

_BOUT: Final = 0.03
"""Seconds of packing before what is packed is committed: the commit then holds the write lock for a few milliseconds."""
_REST: Final = 2 * _BOUT
"""Seconds between bouts: settling shares an interpreter with ingest and may lag behind it for hours at no harm .."""
_PRESSED: Final = 10
""".. until this many jobs are waiting, when reads begin to feel what they have to search."""
_PER_SERIES: Final = 32
"""Readings of a series worth a chunk: with 100,000 series a job waits for 3,200,000 readings .."""
_MOST: Final = 8
""".. and with more for eight times what is loaded at once: reads search it all."""
_EVERY_SERIES: Final = 2**62
_GROWTH: Final = 4
"""A chunk up to this many times as large as what comes is packed anew together with it; a reading is then packed some
log4(FULL) = 6 times in its life, however slowly its series grows."""


_CLEAR: Final = "DELETE FROM segments WHERE id IN (SELECT id FROM segments WHERE id <= ? ORDER BY id LIMIT 64)"
_READINGS: Final = "SELECT series, times, vals, flags, texts FROM segments WHERE id <= ? ORDER BY id"
_CHUNKS: Final = "SELECT id, count FROM chunks WHERE series = ? AND day = ? AND length(data) > 0 ORDER BY id DESC"
_INSERT: Final = "INSERT INTO chunks (series, day, count, start, final, rollup, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
_LATEST: Final = """INSERT INTO latest (series, time, flags, value, text) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (series) DO UPDATE SET time = excluded.time, flags = excluded.flags, value = excluded.value,
        text = excluded.text
    WHERE excluded.time >= latest.time"""
_EXPIRES_AGAIN: Final = """UPDATE expired SET thinned = min(thinned, ?1), dropped = min(dropped, ?1), pushes = pushes + 1
    WHERE thinned >= ?1"""
_SETTLED: Final = "UPDATE settling SET series = ?"
_DELETE_OLD: Final = """DELETE FROM chunks WHERE id IN
    (SELECT id FROM chunks WHERE series = ?1 AND day <= ?2 / 86400000000 AND final < ?2 LIMIT 256)"""


@dataclass(frozen=True, slots=True)
class SettleWhen:
    """When segments are worth settling: any of these is reached. Together they bound what a read has to search.

    `readings` is also how many are held in memory at once.
    """

    readings: int = 500_000
    segments: int = 4096
    age: int = HOUR


@dataclass(slots=True)
class _Work:
    """One series' share of a job: what to take away and what to put in its place."""

    series: int
    gone: list[int]
    chunks: list[Chunk]
    latest: tuple[int, int, float, str]


class Settler:
    """An Upkeep and an Expiry, on a connection of its own; use it from one thread."""

    def __init__(self, path: Path, when: SettleWhen = SettleWhen()) -> None:
        self._path = path
        self._when = when
        self._connection = open_for_writing(path)
        self._pressed = False
        self._all_chosen = True
        self._readings = Columns((), (), b"", ())
        self._waiting: deque[tuple[int, Sequence[int]]] = deque()
        """Series of the open job and their rows in `_readings`."""

    def step(self, now: int) -> float:
        """As Upkeep says; a step takes some 50 ms, the first of a job longer (it reads the segments, without a lock)."""
        with trouble(self._path):
            if self._waiting or self._resume():
                self._settle_some()
                return 0.0 if self._pressed else _REST
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            if self._due(now) and self._begin():
                return 0.0
            return _REST if shrink(self._connection) else 1.0

    def settle_all(self) -> None:
        """Everything recorded before the call."""
        with trouble(self._path):
            (newest,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM segments").fetchone()
            while self._connection.execute("SELECT 1 FROM segments WHERE id <= ?", (newest,)).fetchone():
                if self._waiting or self._resume():
                    self._settle_some()
                else:
                    self._begin()

    def expire(self, estate: str, before: int, points: Collection[str] | None = None) -> None:
        self.settle_all()
        with trouble(self._path):
            known = self._connection.execute("SELECT point, id FROM series WHERE estate = ?", (estate,)).fetchall()
            for point, series in known:
                if points is None or point in points:
                    self._expire(series, before)

    def close(self) -> None:
        self._connection.close()

    def _due(self, now: int) -> bool:
        segments, readings, since = self._connection.execute(
            "SELECT count(*), coalesce(sum(count), 0), coalesce(min(stored_at), 0) FROM segments"
        ).fetchone()
        when = self._when
        enough = self._enough()
        self._pressed = readings > _PRESSED * enough
        full = readings >= enough or segments >= when.segments
        return bool(segments and (full or now - since >= when.age))

    def _enough(self) -> int:
        """Readings that make a job."""
        series: int = self._connection.execute("SELECT coalesce(max(id), 0) FROM series").fetchone()[0]
        most = self._when.readings
        return min(_MOST * most, max(most, _PER_SERIES * series))

    def _begin(self) -> bool:
        """Opens a job over the oldest segments."""
        upto = readings = 0
        enough = self._enough()
        for segment, count in self._connection.execute("SELECT id, count FROM segments ORDER BY id").fetchall():
            readings += count
            if upto and readings > enough:
                break
            upto = segment
        if upto:
            with transaction(self._connection):
                self._connection.execute("UPDATE settling SET upto = ?, series = 0", (upto,))
        return bool(upto)

    def _resume(self) -> bool:
        """Takes up the job that is open, if any: loads its readings, or clears its segments away when all are settled."""
        connection = self._connection
        upto, settled = connection.execute("SELECT upto, series FROM settling").fetchone()
        if not connection.execute("SELECT 1 FROM segments WHERE id <= ? LIMIT 1", (upto,)).fetchone():
            return False
        if settled == _EVERY_SERIES:
            with transaction(connection):
                connection.execute(_CLEAR, (upto,))
            return True
        self._load(upto, settled)
        if not self._waiting:  # segments without a reading
            with transaction(connection):
                connection.execute(_SETTLED, (_EVERY_SERIES,))
        return True

    def _load(self, upto: int, settled: int) -> None:
        """Takes the next series of the job, as many as memory should hold the readings of at once."""
        counts: Counter[int] = Counter()
        for (column,) in self._connection.execute("SELECT series FROM segments WHERE id <= ?", (upto,)):
            counts.update(array("I", column))
        chosen: list[int] = []
        readings = 0
        for series in sorted(number for number in counts if number > settled):
            readings += counts[series]
            if chosen and readings > self._when.readings:
                break
            chosen.append(series)
        self._all_chosen = not chosen or chosen[-1] == max(counts)
        if chosen:
            rows = self._connection.execute(_READINGS, (upto,))
            self._readings, by_series = _by_series(rows, range(chosen[0], chosen[-1] + 1))
            self._waiting.extend(by_series)

    def _settle_some(self) -> None:
        until = monotonic() + _BOUT
        works: list[_Work] = []
        try:
            while self._waiting and (not works or monotonic() < until):
                series, rows = self._waiting.popleft()
                works.append(self._work(series, by_time(self._readings.taken(rows))))
            if works:
                with transaction(self._connection):
                    self._write(works)
        except BaseException:
            self._waiting.clear()  # the job is taken up again from what the file says
            raise
        if not self._waiting:
            self._readings = Columns((), (), b"", ())

    def _work(self, series: int, columns: Columns) -> _Work:
        gone: list[int] = []
        chunks: list[Chunk] = []
        for day, part in days(columns):
            size = len(part.times)
            taken: list[int] = []
            for chunk, count in self._connection.execute(_CHUNKS, (series, day)).fetchall():
                if count >= FULL or count > _GROWTH * size:
                    break
                taken.append(chunk)
                size += count
            parts = [self._unpacked(chunk) for chunk in reversed(taken)]
            chunks += chunks_of(series, day, by_time(joined([*parts, part])))
            gone += taken
        flag = columns.flags[-1]
        text = columns.texts[int(columns.values[-1])] if flag & KIND == TEXT else ""
        return _Work(series, gone, chunks, (columns.times[-1], flag, columns.values[-1], text))

    def _unpacked(self, chunk: int) -> Columns:
        (data,) = self._connection.execute("SELECT data FROM chunks WHERE id = ?", (chunk,)).fetchone()
        return unpacked(data)

    def _write(self, works: Sequence[_Work]) -> None:
        connection = self._connection
        connection.executemany("DELETE FROM chunks WHERE id = ?", [(chunk,) for work in works for chunk in work.gone])
        chunks = [chunk for work in works for chunk in work.chunks]
        connection.executemany(_INSERT, chunks)
        connection.execute(_EXPIRES_AGAIN, (min(chunk.day for chunk in chunks),))
        connection.executemany(_LATEST, [(work.series, *work.latest) for work in works])
        connection.execute(_SETTLED, (_EVERY_SERIES if self._all_chosen and not self._waiting else works[-1].series,))

    def _expire(self, series: int, before: int) -> None:
        connection = self._connection
        while True:  # in small pieces, so that ingest is never kept waiting
            with transaction(connection):
                if not connection.execute(_DELETE_OLD, (series, before)).rowcount:
                    break
        with transaction(connection):
            connection.execute("DELETE FROM latest WHERE series = ? AND time < ?", (series, before))
            sql = "SELECT id, data FROM chunks WHERE series = ? AND day = ? AND start < ? AND length(data) > 0"
            for chunk, data in connection.execute(sql, (series, before // DAY, before)).fetchall():
                columns = unpacked(data)
                kept = columns.cut(bisect_left(columns.times, before), len(columns.times))
                (rest,) = chunks_of(series, before // DAY, kept)
                sql = "UPDATE chunks SET count = ?, start = ?, final = ?, rollup = ?, data = ? WHERE id = ?"
                connection.execute(sql, (*rest[2:], chunk))


_Row = tuple[bytes, bytes, bytes, bytes, str]


def _by_series(rows: Iterable[_Row], chosen: range) -> tuple[Columns, list[tuple[int, Sequence[int]]]]:
    """Readings of the chosen series in the order of arrival, and each series' rows among them, by series."""
    every = array("I")

    def parts() -> Iterator[Columns]:
        for series, times, values, flags, texts in rows:
            numbers = array("I", series)
            taken = [row for row, number in enumerate(numbers) if number in chosen]
            every.extend([numbers[row] for row in taken])
            yield columns_of(times, values, flags, texts).taken(taken)

    readings = joined(parts())
    by_series: dict[int, array[int]] = {}
    for row, number in enumerate(every):
        if number not in by_series:
            by_series[number] = array("I")
        by_series[number].append(row)
    return readings, sorted(by_series.items())
