"""Forgets readings when their time is over: first each reading, of which the minutes stay, then these too."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Final

from cloud.adapters.timeseries.embedded.chunks import unpacked
from cloud.adapters.timeseries.embedded.rollup import minutes_of
from cloud.adapters.timeseries.journal.file import open_for_writing, shrink, transaction, trouble
from cloud.application.clock_ports import Doubts
from cloud.application.timeseries import DAY, HOUR, ReadingsKept, Upkeep, to_micros

_BOUT: Final = 0.01
"""Seconds of work before it is committed: the commit then holds the write lock for a millisecond or so."""
_CHUNKS_A_BOUT: Final = 32
_REST: Final = 0.05
_BETWEEN: Final = HOUR
"""Of the clock's time between looks whether another day is over."""

_OF_DAY: Final = "SELECT id, rollup, length(data) FROM chunks WHERE series = ? AND day = ?"
_THINNED: Final = "UPDATE expired SET thinned = ? WHERE pushes = ?"
_DROPPED: Final = "UPDATE expired SET dropped = ?1, thinned = max(thinned, ?1) WHERE pushes = ?2"


class Expirer:
    """An Upkeep on a connection of its own, from the thread of the one that settles: both change chunks.

    A day is thinned or dropped once all of it is older than `kept` says. Texts, and points whose kind of value changes
    within a chunk, have no minutes: they are forgotten with the readings.
    """

    def __init__(self, path: Path, kept: ReadingsKept) -> None:
        self._path, self._kept = path, kept
        self._connection = open_for_writing(path)
        # What a power cut undoes here is done again: no commit has to wait for the disk.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._day: tuple[int, int] | None = None
        """The one that is worked on, and how many late chunks had come for old days when that began."""
        self._series = 0
        """Of this day, series up to this one are done."""
        self._look_at = 0

    def step(self, now: int) -> float:
        """As Upkeep says; a step takes some 10 ms and holds the write lock for less."""
        if now < self._look_at:
            return 1.0
        whole, gone = (now - self._kept.readings) // DAY, (now - self._kept.minutes) // DAY
        with trouble(self._path):
            thinned, dropped, pushes = self._connection.execute(
                "SELECT thinned, dropped, pushes FROM expired"
            ).fetchone()
            if dropped < gone:
                self._work((dropped, pushes), gone, _DROPPED, thin=False)
                return _REST
            if thinned < whole:
                self._work((thinned, pushes), whole, _THINNED, thin=True)
                return _REST
            with transaction(self._connection):
                self._connection.execute("DELETE FROM latest WHERE time < ?", (whole * DAY,))
            if shrink(self._connection):
                return _REST
        self._look_at = now + _BETWEEN
        return 1.0

    def close(self) -> None:
        self._connection.close()

    def _work(self, day: tuple[int, int], horizon: int, done: str, *, thin: bool) -> None:
        """A little of one day: everything is looked up and reckoned before the write lock is taken."""
        if day != self._day:
            self._day, self._series = day, 0
        series = self._some_series()
        until = monotonic() + _BOUT
        kept: list[tuple[bytes, int]] = []
        gone: list[tuple[int]] = []
        for number in series:
            for chunk, rollup, size in self._connection.execute(_OF_DAY, (number, day[0])).fetchall():
                minutes = (rollup or self._minutes(chunk)) if thin and size else b""
                if minutes:
                    kept.append((minutes, chunk))
                elif size or not thin:
                    gone.append((chunk,))
            self._series = number
            if len(kept) + len(gone) >= _CHUNKS_A_BOUT or monotonic() > until:
                break
        with transaction(self._connection):
            self._connection.executemany("UPDATE chunks SET rollup = ?, data = x'' WHERE id = ?", kept)
            self._connection.executemany("DELETE FROM chunks WHERE id = ?", gone)
        if not series:
            next_day = self._next_day(day[0], horizon)
            with transaction(self._connection):
                self._connection.execute(done, (next_day, day[1]))  # unless a late chunk came for it meanwhile
            self._day = None

    def _minutes(self, chunk: int) -> bytes:
        (data,) = self._connection.execute("SELECT data FROM chunks WHERE id = ?", (chunk,)).fetchone()
        return minutes_of(unpacked(data))

    def _some_series(self) -> list[int]:
        sql = "SELECT id FROM series WHERE id > ? ORDER BY id LIMIT 1024"
        return [number for (number,) in self._connection.execute(sql, (self._series,))]

    def _next_day(self, day: int, horizon: int) -> int:
        """The next one that has chunks: a reading of 1970 must not cost a round for each day since."""
        sql = "SELECT min(day) FROM chunks WHERE day > ? AND day < ?"
        found = self._connection.execute(sql, (day, horizon)).fetchone()[0]
        return horizon if found is None else int(found)


class WhenSure:
    """An Upkeep that deletes, held back while it is doubted what time it is: nothing brings readings back."""

    def __init__(self, deleting: Upkeep, doubted_until: Doubts) -> None:
        self._deleting, self._doubted_until = deleting, doubted_until

    def step(self, now: int) -> float:
        until = self._doubted_until()
        return 1.0 if until is not None and to_micros(until) > now else self._deleting.step(now)

    def close(self) -> None:
        self._deleting.close()


class InTurn:
    """Two pieces of Upkeep in one thread: the second when the first rests."""

    def __init__(self, first: Upkeep, second: Upkeep) -> None:
        self._first, self._second = first, second

    def step(self, now: int) -> float:
        wait = self._first.step(now)
        return min(wait, self._second.step(now)) if wait else 0.0

    def close(self) -> None:
        self._first.close()
        self._second.close()
