"""The latest reading of each point, remembered between calls so that only new segments are looked through."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable
from threading import Lock
from typing import Final

from cloud.adapters.timeseries.journal.segments import KIND, KIND_BITS, TEXT, columns_of
from cloud.application.timeseries import Sample

_KNOWN = "SELECT s.point, s.id, l.time, l.flags, l.value, l.text FROM series s LEFT JOIN latest l ON l.series = s.id"
_FEW: Final = 200


class Newest:
    """The greatest time of each series among the segments; settled ones are in the table `latest`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = 0
        self._by_series: dict[int, tuple[int, float, int, str, int]] = {}
        """Time, value, flag, text, and the segment they came with."""

    def of(self, connection: sqlite3.Connection, estate: str, points: Iterable[str]) -> dict[str, Sample]:
        """`connection` holds a snapshot."""
        wanted = set(points)
        with self._lock:
            found = self._look_up(connection, estate, wanted)
            if found is None:  # readings have expired: look through what is left
                self._by_series.clear()
                self._seen = 0
                found = self._look_up(connection, estate, wanted)
        return found or {}

    def _look_up(self, connection: sqlite3.Connection, estate: str, wanted: set[str]) -> dict[str, Sample] | None:
        """None when something remembered is neither among the segments nor in the table any more."""
        self._look_on(connection)
        found: dict[str, Sample] = {}
        (first,) = connection.execute("SELECT coalesce(min(id), ?) FROM segments", (self._seen + 1,)).fetchone()
        for point, series, time, flag, value, text in _rows(connection, estate, wanted):
            fresh = self._by_series.get(series)
            alive = fresh is not None and fresh[4] >= first
            if fresh and not alive and (time is None or fresh[0] > time):
                return None
            if fresh and alive and (time is None or fresh[0] >= time):
                found[point] = _sample(point, *fresh[:4])
            elif time is not None:
                found[point] = _sample(point, time, value, flag, text)
        return found

    def _look_on(self, connection: sqlite3.Connection) -> None:
        sql = "SELECT id, series, times, vals, flags, texts FROM segments WHERE id > ? ORDER BY id"
        by_series = self._by_series
        for segment, series, *rest in connection.execute(sql, (self._seen,)):
            times, values, flags, texts = columns_of(*rest)
            for number, time, value, flag in zip(array("I", series), times, values, flags, strict=True):
                known = by_series.get(number)
                if known is None or time >= known[0]:
                    text = texts[int(value)] if flag & KIND == TEXT else ""
                    by_series[number] = (time, value, flag, text, segment)
            self._seen = segment


def _rows(
    connection: sqlite3.Connection, estate: str, points: set[str]
) -> Iterable[tuple[str, int, int | None, int, float, str]]:
    if len(points) > _FEW:
        rows = connection.execute(f"{_KNOWN} WHERE s.estate = ?", (estate,))
        return (row for row in rows if row[0] in points)
    sql = f"{_KNOWN} WHERE s.estate = ? AND s.point = ?"
    return (row for point in points for row in connection.execute(sql, (estate, point)))


def _sample(point: str, time: int, value: float, flag: int, text: str) -> Sample:
    kind = flag & KIND
    return Sample(point, time, text if kind == TEXT else bool(value) if kind else value, flag >> KIND_BITS)
