"""Readings as the pages ask for them, from chunks and from what is not settled yet, each reading exactly once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cloud.adapters.timeseries.embedded.chart import Chart
from cloud.adapters.timeseries.embedded.chunks import by_time, days, joined, unpacked
from cloud.adapters.timeseries.embedded.newest import Newest
from cloud.adapters.timeseries.embedded.rollup import unrolled
from cloud.adapters.timeseries.journal.segments import Columns, columns_of, rows_of
from cloud.adapters.timeseries.journal.views import Views
from cloud.application.timeseries import DAY, MINUTE, Grid, Sample, Step

_SEGMENTS: Final = (
    "SELECT id, series FROM segments WHERE newest >= ? AND oldest < ? "
    "AND NOT (id <= (SELECT upto FROM settling) AND ? <= (SELECT series FROM settling)) ORDER BY id"
)

_READINGS: Final = (
    "SELECT data FROM chunks WHERE series = ? AND day = ? AND final >= ? AND start < ? AND length(data) > 0 ORDER BY id"
)


class EmbeddedReader:
    """A TimeSeriesReader on the journal's file; from any thread or process."""

    def __init__(self, path: Path) -> None:
        self._views = Views(path)
        self._newest = Newest()

    def points(self, estate: str) -> list[str]:
        with self._views.view() as connection:
            rows = connection.execute("SELECT point FROM series WHERE estate = ? ORDER BY point", (estate,))
            return [point for (point,) in rows]

    def latest(self, estate: str, points: Iterable[str]) -> dict[str, Sample]:
        with self._views.view() as connection:
            return self._newest.of(connection, estate, points)

    def read(self, estate: str, point: str, start: int, end: int, limit: int = 10_000) -> list[Sample]:
        samples: list[Sample] = []
        with self._views.view() as connection:
            series = _series(connection, estate, point)
            if series is None or end <= start:
                return []
            fresh = dict(days(by_time(unsettled))) if (unsettled := _unsettled(connection, series, start, end)) else {}
            for day in sorted({*fresh, *_settled_days(connection, series, start, end)}):
                parts = [unpacked(data) for (data,) in connection.execute(_READINGS, (series, day, start, end))]
                parts += [fresh[day]] if day in fresh else []
                if parts:
                    samples += (s for s in by_time(joined(parts)).samples(point) if start <= s.time < end)
                if len(samples) >= limit:
                    break
        return samples[:limit]

    def steps(self, estate: str, point: str, start: int, end: int, n: int) -> list[Step]:
        grid = Grid.over(start, end, n)
        chart = Chart(grid)
        by_minute = grid.width % MINUTE == 0 and grid.start % MINUTE == 0
        with self._views.view() as connection:
            series = _series(connection, estate, point)
            if series is None:
                return []
            span = (series, grid.start // DAY, (grid.end - 1) // DAY, grid.start, grid.end)
            # The readings' bytes are looked up only for chunks that have no rollup: they are most of the file.
            sql = (
                "SELECT id, rollup, length(data) FROM chunks WHERE series = ? AND day BETWEEN ? AND ? AND final >= ? AND start < ? "
                "ORDER BY id"
            )
            for chunk, rollup, size in connection.execute(sql, span):
                if rollup and (by_minute or not size):
                    chart.add_minutes(unrolled(rollup))
                else:
                    data = connection.execute("SELECT data FROM chunks WHERE id = ?", (chunk,)).fetchone()[0]
                    chart.add(unpacked(data))
            if fresh := _unsettled(connection, series, grid.start, grid.end):
                chart.add(by_time(fresh))
        return chart.steps()

    def close(self) -> None:
        self._views.close()


def _series(connection: sqlite3.Connection, estate: str, point: str) -> int | None:
    sql = "SELECT id FROM series WHERE estate = ? AND point = ?"
    row = connection.execute(sql, (estate, point)).fetchone()
    return row[0] if row else None


def _settled_days(connection: sqlite3.Connection, series: int, start: int, end: int) -> list[int]:
    sql = "SELECT DISTINCT day FROM chunks WHERE series = ? AND day BETWEEN ? AND ?"
    return [day for (day,) in connection.execute(sql, (series, start // DAY, (end - 1) // DAY))]


def _unsettled(connection: sqlite3.Connection, series: int, start: int, end: int) -> Columns | None:
    """Readings of segments near [start, end), in the order of arrival."""
    parts = []
    for segment, column in connection.execute(_SEGMENTS, (start, end, series)).fetchall():
        if rows := rows_of(series, column):
            sql = "SELECT times, vals, flags, texts FROM segments WHERE id = ?"
            parts.append(columns_of(*connection.execute(sql, (segment,)).fetchone()).taken(rows))
    return joined(parts) if parts else None
