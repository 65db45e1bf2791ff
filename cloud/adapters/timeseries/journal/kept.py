"""The readings that are still in the journal, with their names: in portions, in the order in which they arrived."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from sqlite3 import Connection
from typing import Final

from cloud.adapters.timeseries.journal.segments import columns_of
from cloud.application.timeseries import RawSample

Named = tuple[str, RawSample]
"""(estate, sample)"""

PORTION: Final = 20_000
"""Readings a write: a line of the protocol is some 90 bytes, engines advise 5,000 lines and more."""
_SEGMENTS_A_LOOK: Final = 4096
"""Segments gone through at once in search of some stretches of time: a fraction of a second."""


class Kept:
    """Reads through the caller's connection, which the caller guards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._names: dict[int, tuple[str, str]] = {}

    def after(self, segment: int, until: int) -> tuple[int, list[Named]]:
        """A portion beyond `segment`, not beyond `until` where that is ahead: the last segment in it, and its readings."""
        readings: list[Named] = []
        last = segment
        sql = "SELECT id, series, times, vals, flags, texts FROM segments WHERE id > ? ORDER BY id"
        cursor = self._connection.execute(sql, (segment,))
        for number, *columns in cursor:
            if last <= until < number and readings:
                break
            readings += self._named(*columns)
            last = number
            if len(readings) >= PORTION:
                break
        cursor.close()
        return last, readings

    def within(
        self, segment: int, until: int, span: tuple[int, int], wanted: Callable[[int], bool]
    ) -> tuple[int, list[Named]]:
        """As `after`, of readings in the span whose time is wanted."""
        readings: list[Named] = []
        sql = "SELECT id, oldest, newest FROM segments WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"  # without the columns
        last = until
        for number, oldest, newest in self._connection.execute(sql, (segment, until, _SEGMENTS_A_LOOK)).fetchall():
            last = number
            if newest >= span[0] and oldest < span[1]:
                columns = "SELECT series, times, vals, flags, texts FROM segments WHERE id = ?"
                named = self._named(*self._connection.execute(columns, (number,)).fetchone())
                readings += (reading for reading in named if wanted(reading[1][1]))
                if len(readings) >= PORTION:
                    break
        return last, readings

    def _named(self, series: bytes, *columns: object) -> Iterator[Named]:
        samples = columns_of(*columns).samples("")  # type: ignore[arg-type]  # a row of `segments`
        for number, (_, time, value, quality) in zip(array("I", series), samples, strict=True):
            estate, point = self._names.get(number) or self._name(number)
            yield estate, (point, time, value, quality)

    def _name(self, series: int) -> tuple[str, str]:
        sql = "SELECT estate, point FROM series WHERE id = ?"
        self._names[series] = self._connection.execute(sql, (series,)).fetchone()
        return self._names[series]


def times(readings: Sequence[Named]) -> Iterator[int]:
    return (reading[1][1] for reading in readings)
