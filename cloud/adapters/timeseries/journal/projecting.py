"""Feeds an engine of another house from the journal, in order, again and again until it has taken everything."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from threading import Lock
from typing import Final

from cloud.adapters.timeseries.journal.auditing import Auditor
from cloud.adapters.timeseries.journal.file import open_for_writing, transaction, trouble
from cloud.adapters.timeseries.journal.kept import Kept, Named, times
from cloud.adapters.timeseries.journal.windows import WIDTH, Windows, tallied
from cloud.application.timeseries import HOUR, Projection, ProjectionAudit, ProjectionLag, ReadingsKept
from cloud.errors import ReadingsRefused, ReadingsUnavailable

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 60.0


class Projector:
    """An Upkeep: what is in the journal goes to `engine`, and stays in the journal for `keep` microseconds after arrival.

    What the engine loses of it is noticed and given to it again (`Auditor`). Readings older than `shown` have expired and are
    not given to it. `chance` gives numbers in [0, 1), for the jitter of waiting.
    """

    def __init__(
        self,
        path: Path,
        engine: Projection,
        keep: int = 48 * HOUR,
        *,
        shown: int = ReadingsKept().readings,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._path = path
        self._engine = engine
        self._keep, self._shown = keep, shown
        self._chance = chance
        self._connection = open_for_writing(path)
        self._lock = Lock()
        self._kept, self._windows = Kept(self._connection), Windows(self._connection)
        self._auditor = Auditor(self._connection, self._guard, engine=engine, write=self._write)
        self._failures = 0
        self._outage: str | None = None
        self._refusal: str | None = None
        self._in_doubt = True
        """Whether the engine may have lost something meanwhile: it was out of reach, or we have only just come."""

    def step(self, now: int) -> float:
        """As Upkeep says; an engine that is down makes it wait longer and longer, up to a minute, and loses nothing."""
        try:
            wait = self._step(now)
        except ReadingsUnavailable as error:
            self._outage = str(error)
            self._in_doubt = True
            longest: float = min(_LONGEST_WAIT, _FIRST_WAIT * (1 << self._failures))
            self._failures = min(self._failures + 1, 10)
            return longest * (0.5 + 0.5 * self._chance())
        self._failures, self._outage = 0, None
        return wait

    def reproject(self, since: int) -> None:
        """Gives the engine again all that was recorded at `since` or later and is still kept; from any thread."""
        with self._lock:
            _begin_again(self._connection, self._path, since)

    def lag(self) -> ProjectionLag:
        """From any thread."""
        with self._guard():
            commits, readings, oldest, refused = self._connection.execute(
                "SELECT count(s.id), coalesce(sum(s.count), 0), min(s.stored_at), max(p.refused) "
                "FROM projected p LEFT JOIN segments s ON s.id > p.upto"
            ).fetchone()
        return ProjectionLag(commits, readings, oldest, refused, self._outage or self._refusal)

    def audit(self) -> ProjectionAudit:
        """From any thread."""
        return self._auditor.figures

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with self._lock, trouble(self._path):
            yield

    def _step(self, now: int) -> float:
        with self._guard():
            after, known = self._connection.execute("SELECT upto, tallied FROM projected").fetchone()
            upto, readings = self._kept.after(after, known)
        if upto > after:
            self._project((after, upto), readings, fresh=upto > known, now=now)
            if not self._auditor.overdue(now):
                return 0.0
        if self._in_doubt:
            self._auditor.suspect()
            self._in_doubt = False
        more = self._auditor.step(now)
        return 0.0 if more or upto > after else self._rest(now)

    def _project(self, span: tuple[int, int], readings: Sequence[Named], *, fresh: bool, now: int) -> None:
        """Segments beyond the first of the span up to the second; `fresh`: the engine was not given them before."""
        readings = [reading for reading in readings if reading[1][1] >= now - self._shown]
        before = self._held_before(readings, now) if fresh else {}
        refused = self._write(readings)
        if not refused:
            self._refusal = None
        counts = tallied(times(readings), but=list(times(refused)) if fresh else list(times(readings)))
        with self._guard(), transaction(self._connection):
            # Only if nobody asked for projecting again meanwhile.
            sql = "UPDATE projected SET upto = ?, refused = refused + ?, tallied = max(tallied, ?1) WHERE upto = ?"
            if self._connection.execute(sql, (span[1], len(refused), span[0])).rowcount:
                self._windows.given(counts, before, now)

    def _held_before(self, readings: Sequence[Named], now: int) -> dict[int, int]:
        """What the engine holds of stretches so old that not all that it was ever given of them need be counted here."""
        old = [start for start in tallied(times(readings)) if start + WIDTH <= now - self._keep]
        with self._guard():
            unknown = self._windows.unknown(old)
        return {start: self._engine.count(start, start + WIDTH) for start in unknown}

    def _write(self, readings: Sequence[Named]) -> list[Named]:
        """Those that were refused for good, found by halving: one reading that can never succeed blocks no other."""
        if not readings:
            return []
        try:
            self._engine.write(readings)
        except ReadingsRefused as error:
            if len(readings) == 1:
                self._refusal = str(error)
                return list(readings)
            middle = len(readings) // 2
            return self._write(readings[:middle]) + self._write(readings[middle:])
        return []

    def _rest(self, now: int) -> float:
        with self._guard():
            with transaction(self._connection):
                self._connection.execute(
                    "DELETE FROM segments WHERE id IN (SELECT id FROM segments WHERE stored_at < ? "
                    "AND id <= (SELECT upto FROM projected) ORDER BY id LIMIT 64)",
                    (now - self._keep,),
                )
                self._windows.forget(now - self._keep, now - self._shown)
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
