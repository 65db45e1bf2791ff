"""What an engine was given, by the readings' own time: stretches of five minutes, and how many each must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Final

from cloud.application.timeseries import HOUR, MINUTE

WIDTH: Final = 5 * MINUTE
"""Short enough that what is found lacking is nearly all of what is written again; two days are 576 of them."""
SETTLED: Final = MINUTE
"""After a write an engine is not asked for it this long: one that shows in 5 s what it took is no liar."""
ATTEMPTS: Final = 2
"""An engine that lacks readings after it took them twice more refuses them, or they are older than the journal: no hurry .."""
_FIRST_REST: Final = 5 * MINUTE
_LONGEST_REST: Final = 6 * HOUR
""".. but never for good, as it may only have lost them again."""

_COLUMNS: Final = "start, expected - repeats, lacks, repairs, parked_until > 0"


@dataclass(frozen=True, slots=True)
class Window:
    """Readings with a time in [start, end). `target`: how many the engine must answer with; `lacks`: how many it was last
    found short of; `repairs`: how often in a row it was put back without coming up to the target; `parked`: and was
    therefore left alone for a while.
    """

    start: int
    target: int
    lacks: int
    repairs: int
    parked: bool

    @property
    def end(self) -> int:
        return self.start + WIDTH


def start_of(time: int) -> int:
    return time // WIDTH * WIDTH


class Windows:
    """On the caller's connection, inside the caller's transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __len__(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM windows").fetchone()
        return int(count)

    def unknown(self, starts: Iterable[int]) -> list[int]:
        sql = "SELECT 1 FROM windows WHERE start = ?"
        return [start for start in starts if not self._connection.execute(sql, (start,)).fetchone()]

    def given(self, counts: Mapping[int, int], before: Mapping[int, int], now: int) -> None:
        """The engine took so many readings by window; `before`: what it held already of windows that are not known yet."""
        self._connection.executemany(
            "INSERT INTO windows (start, expected, written_at) VALUES (?1, ?2 + ?3, ?4) "
            "ON CONFLICT (start) DO UPDATE SET expected = expected + ?2, written_at = max(written_at, ?4)",
            [(start, count, before.get(start, 0), now) for start, count in counts.items()],
        )

    def suspect(self) -> None:
        """Look at every one anew."""
        self._connection.execute("UPDATE windows SET checked_at = 0")

    def due(self, now: int) -> Window | None:
        """One that has not been looked at since it was last written, or since all came under suspicion."""
        return self._one("checked_at < written_at", "checked_at, start DESC", now)

    def longest_unseen(self, now: int) -> Window | None:
        return self._one("TRUE", "checked_at", now)

    def newest(self, now: int) -> Window | None:
        """What an older copy of the engine's data lacks first."""
        return self._one("TRUE", "start DESC", now)

    def lacking(self, readings: int) -> list[Window]:
        """Found short, as many as hold that many readings together; at least one if there is any."""
        found: list[Window] = []
        for row in self._connection.execute(
            f"SELECT {_COLUMNS} FROM windows WHERE lacks > 0 AND parked_until = 0 ORDER BY start"  # noqa: S608 - no value is pasted in
        ):
            window = Window(*row)
            readings -= window.target
            if found and readings < 0:
                break
            found.append(window)
        return found

    def whole(self, window: Window, now: int) -> None:
        sql = "UPDATE windows SET checked_at = ?, lacks = 0, repairs = 0, parked_until = 0 WHERE start = ?"
        self._connection.execute(sql, (now, window.start))

    def short(self, window: Window, lacks: int, now: int) -> None:
        """To be put back; once that was in vain a few times, later, and then ever later."""
        waits = 0
        if window.repairs >= ATTEMPTS and not window.parked:
            waits = min(_FIRST_REST << min(window.repairs - ATTEMPTS, 10), _LONGEST_REST)
        sql = "UPDATE windows SET checked_at = ?, lacks = ?, parked_until = ? WHERE start = ?"
        self._connection.execute(sql, (now, lacks, now + waits if waits else 0, window.start))

    def put_back(self, window: Window, repeats: int, now: int) -> None:
        """All of it that is kept was written again; `repeats` of it an engine holds but once."""
        self._connection.execute(
            "UPDATE windows SET repeats = max(repeats, ?), written_at = ?, checked_at = 0, lacks = 0, "
            "repairs = repairs + 1 WHERE start = ?",
            (repeats, now, window.start),
        )

    def open(self) -> bool:
        """Whether any was found short and waits to be put back, or to be looked at after that."""
        sql = "SELECT 1 FROM windows WHERE parked_until = 0 AND (repairs > 0 OR lacks > 0) LIMIT 1"
        return self._connection.execute(sql).fetchone() is not None

    def given_up(self) -> int:
        """Readings that are lacking and could not be put back."""
        sql = "SELECT coalesce(sum(lacks), 0) FROM windows WHERE parked_until > 0"
        return int(self._connection.execute(sql).fetchone()[0])

    def forget(self, before: int, expired: int) -> None:
        """Those whose readings are not kept in the journal any more, or are to be forgotten by the engine, too."""
        sql = "DELETE FROM windows WHERE (written_at < ?1 AND start < ?1 - ?2) OR start < ?3"
        self._connection.execute(sql, (before, WIDTH, expired))

    def _one(self, where: str, order: str, now: int) -> Window | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM windows WHERE (lacks = 0 OR parked_until > 0) AND written_at <= ? "  # noqa: S608
            f"AND parked_until <= ? AND {where} ORDER BY {order} LIMIT 1",  # both are written above
            (now - SETTLED, now),
        ).fetchone()
        return Window(*row) if row else None


def tallied(times: Iterable[int], but: Collection[int] = ()) -> Counter[int]:
    """How many by window; `but`: times of readings that do not count."""
    counts = Counter(map(start_of, times))
    counts.subtract(map(start_of, but))
    return counts
