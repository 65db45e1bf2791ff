"""Feeds an engine of another house from the journal, in order, again and again until it has taken everything."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from threading import Lock
from typing import Final

from cloud.adapters.timeseries.journal.file import open_for_writing, transaction, trouble
from cloud.adapters.timeseries.journal.segments import columns_of
from cloud.application.timeseries import HOUR, Projection, ProjectionLag, RawSample
from cloud.errors import ReadingsRefused, ReadingsUnavailable

_PORTION: Final = 20_000
"""Readings a write: a line of the protocol is some 90 bytes, engines advise 5,000 lines and more."""
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 60.0


class Projector:
    """An Upkeep: what is in the journal goes to `engine`, and stays in the journal for `keep` microseconds after arrival.

    `chance` gives numbers in [0, 1), for the jitter of waiting.
    """

    def __init__(
        self, path: Path, engine: Projection, keep: int = 48 * HOUR, chance: Callable[[], float] = random.random
    ) -> None:
        self._path = path
        self._engine = engine
        self._keep = keep
        self._chance = chance
        self._connection = open_for_writing(path)
        self._lock = Lock()
        self._names: dict[int, tuple[str, str]] = {}
        self._failures = 0
        self._trouble: str | None = None

    def step(self, now: int) -> float:
        """As Upkeep says; an engine that is down makes it wait longer and longer, up to a minute, and loses nothing."""
        after, upto, readings = self._next()
        if upto == after:
            return self._rest(now)
        try:
            refused = self._write(readings)
        except ReadingsUnavailable as error:
            self._trouble = str(error)
            wait: float = min(_LONGEST_WAIT, _FIRST_WAIT * (1 << self._failures))
            self._failures = min(self._failures + 1, 10)
            return wait * (0.5 + 0.5 * self._chance())
        self._failures = 0
        if not refused:
            self._trouble = None
        with self._lock, trouble(self._path), transaction(self._connection):
            # Only if nobody asked for projecting again meanwhile.
            sql = "UPDATE projected SET upto = ?, refused = refused + ? WHERE upto = ?"
            self._connection.execute(sql, (upto, refused, after))
        return 0.0

    def reproject(self, since: int) -> None:
        """Gives the engine again all that was recorded at `since` or later and is still kept; from any thread."""
        with self._lock:
            _begin_again(self._connection, self._path, since)

    def lag(self) -> ProjectionLag:
        """From any thread."""
        with self._lock, trouble(self._path):
            commits, readings, oldest, refused = self._connection.execute(
                "SELECT count(s.id), coalesce(sum(s.count), 0), min(s.stored_at), max(p.refused) "
                "FROM projected p LEFT JOIN segments s ON s.id > p.upto"
            ).fetchone()
        return ProjectionLag(commits, readings, oldest, refused, self._trouble)

    def close(self) -> None:
        self._connection.close()

    def _next(self) -> tuple[int, int, list[tuple[str, RawSample]]]:
        """The last segment done, the last of those to do now, and their readings in order of arrival."""
        readings: list[tuple[str, RawSample]] = []
        with self._lock, trouble(self._path):
            (after,) = self._connection.execute("SELECT upto FROM projected").fetchone()
            upto = after
            sql = "SELECT id, series, times, vals, flags, texts FROM segments WHERE id > ? ORDER BY id"
            cursor = self._connection.execute(sql, (after,))
            for segment, series, *columns in cursor:
                samples = columns_of(*columns).samples("")
                for number, (_, time, value, quality) in zip(array("I", series), samples, strict=True):
                    estate, point = self._names.get(number) or self._name(number)
                    readings.append((estate, (point, time, value, quality)))
                upto = segment
                if len(readings) >= _PORTION:
                    break
            cursor.close()
        return after, upto, readings

    def _name(self, series: int) -> tuple[str, str]:
        sql = "SELECT estate, point FROM series WHERE id = ?"
        self._names[series] = self._connection.execute(sql, (series,)).fetchone()
        return self._names[series]

    def _write(self, readings: Sequence[tuple[str, RawSample]]) -> int:
        """How many were refused for good, found by halving: one reading that can never succeed blocks no other."""
        if not readings:
            return 0
        try:
            self._engine.write(readings)
        except ReadingsRefused as error:
            if len(readings) == 1:
                self._trouble = str(error)
                return 1
            middle = len(readings) // 2
            return self._write(readings[:middle]) + self._write(readings[middle:])
        return 0

    def _rest(self, now: int) -> float:
        with self._lock, trouble(self._path):
            with transaction(self._connection):
                self._connection.execute(
                    "DELETE FROM segments WHERE id IN (SELECT id FROM segments WHERE stored_at < ? "
                    "AND id <= (SELECT upto FROM projected) ORDER BY id LIMIT 64)",
                    (now - self._keep,),
                )
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return 1.0


def reproject(path: Path, since: int) -> int:
    """What Projector.reproject does, from beside a running one: how many readings it will write again.

    Raises cloud.errors.ReadingsUnavailable.
    """
    with closing(open_for_writing(path)) as connection:
        _begin_again(connection, path, since)
        with trouble(path):
            query = "SELECT coalesce(sum(s.count), 0) FROM projected p JOIN segments s ON s.id > p.upto"
            (readings,) = connection.execute(query).fetchone()
    return int(readings)


def _begin_again(connection: Connection, path: Path, since: int) -> None:
    with trouble(path), transaction(connection):
        connection.execute(
            "UPDATE projected SET upto = min(upto, coalesce((SELECT max(id) FROM segments WHERE stored_at < ?), 0))",
            (since,),
        )
