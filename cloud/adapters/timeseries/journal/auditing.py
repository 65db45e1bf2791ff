"""Notices by itself what an engine has lost of what it was given, and gives it again: only that, and nobody has to ask.

An engine is asked how many readings it holds of each five minutes. Asked are: stretches of time a minute after they were
last written; all of them at the start, after the engine was out of reach, and once one is found short; and every few
seconds, in turn, the newest and the one that was not looked at for longest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import cycle
from sqlite3 import Connection
from typing import Final

import structlog

from cloud.adapters.timeseries.journal.file import transaction
from cloud.adapters.timeseries.journal.kept import Kept, Named
from cloud.adapters.timeseries.journal.windows import ATTEMPTS, Window, Windows, start_of
from cloud.application.timeseries import SECOND, Mark, Projection, ProjectionAudit, RawSample, from_micros

_PACE: Final = 5 * SECOND
"""Between looks while nothing is suspected: an emptied engine is noticed in that time, two days are seen in 50 minutes."""
_AT_ONCE: Final = 1_000_000
"""Readings put back in one go through the journal: what of them was written is remembered meanwhile."""
_TOLD_APART: Final = 500_000
"""A stretch of more readings is written again whole where it lacks any: to ask which would take longer, and memory."""

Write = Callable[[Sequence[Named]], list[Named]]
"""Gives readings to the engine, and returns those that it refuses for good."""


@dataclass(slots=True)
class _Repair:
    """One go through the journal. `held` and `seen`: what the engine has already, `kept` and `known` how much of each window."""

    windows: list[Window]
    until: int
    held: set[Mark]
    at: int = 0
    seen: set[Mark] = field(default_factory=set)
    kept: Counter[int] = field(default_factory=Counter)
    distinct: Counter[int] = field(default_factory=Counter)

    def wanted(self, time: int) -> bool:
        at = bisect_right(self.windows, time, key=lambda window: window.start) - 1
        return at >= 0 and time < self.windows[at].end

    def lacking(self, readings: Sequence[Named]) -> list[Named]:
        """Those the engine has not. Of two with one time the later is written in any case: it has the last word."""
        fresh: dict[Mark, Named] = {}
        for reading in readings:
            mark = mark_of(*reading)
            if mark not in self.held or mark in self.seen:
                fresh[mark] = reading
            self.kept[start_of(mark[2])] += 1
            if mark not in self.seen:
                self.seen.add(mark)
                self.distinct[start_of(mark[2])] += 1
        return list(fresh.values())


class Auditor:
    """Used from the projector's thread; `guard` is held while the connection is used."""

    def __init__(
        self,
        connection: Connection,
        guard: Callable[[], AbstractContextManager[object]],
        *,
        engine: Projection,
        write: Write,
    ) -> None:
        self._connection, self._guard, self._engine, self._write = connection, guard, engine, write
        self._kept, self._windows = Kept(connection), Windows(connection)
        self._repair: _Repair | None = None
        self._next_look = self._stepped_at = 0
        self._turns = cycle((self._windows.newest, self._windows.longest_unseen))
        self._figures = ProjectionAudit()
        self._alarmed = False
        self._log = structlog.get_logger("cloud.projection")

    @property
    def figures(self) -> ProjectionAudit:
        return self._figures

    def suspect(self) -> None:
        """The engine may have lost something: look at everything anew."""
        with self._guard(), transaction(self._connection):
            self._windows.suspect()

    def overdue(self, now: int) -> bool:
        """Whether it is time for a look even where there is other work."""
        return now >= self._stepped_at + _PACE

    def step(self, now: int) -> bool:
        """One look, or one portion put back; whether there is more to do at once. Raises as the engine does."""
        self._stepped_at = now
        if self._repair is not None:
            self._go_on(self._repair, now)
            return True
        with self._guard():
            window = self._windows.due(now)
            lacking = [] if window else self._windows.lacking(_AT_ONCE)
        if lacking:
            self._repair = self._begin(lacking)
            return True
        if window is None and now >= self._next_look:
            with self._guard():
                window = next(self._turns)(now)
        if window is not None:
            self._look(window, now)
            self._next_look = now + _PACE
        elif self._alarmed and not self._open():
            self._alarmed = False
            figures = self._figures
            self._log.info(
                "what the engine had lost was projected again", rewritten=figures.rewritten, lacking=figures.given_up
            )
        return window is not None

    def _open(self) -> bool:
        with self._guard():
            return self._windows.open()

    def _look(self, window: Window, now: int) -> None:
        found = self._engine.count(window.start, window.end)
        short = found < window.target
        with self._guard(), transaction(self._connection):
            if short:
                self._windows.short(window, window.target - found, now)
                if not self._alarmed:
                    self._windows.suspect()
            else:
                self._windows.whole(window, now)
            count, given_up = len(self._windows), self._windows.given_up()
        done = self._figures
        self._figures = replace(
            done, windows=count, checked=done.checked + 1, missing=done.missing + short, given_up=given_up
        )
        if short:
            self._say(window, found)

    def _say(self, window: Window, found: int) -> None:
        """Once for each loss, and once for each stretch that cannot be put back."""
        lack = {"since": from_micros(window.start).isoformat(), "holds": found, "lacks": window.target - found}
        if window.repairs == ATTEMPTS:
            self._log.error(
                "the engine lacks readings that cannot be put back now: it refuses them, loses them again, or they are "
                "older than what is kept for it; it is tried again ever later",
                **lack,
            )
        elif not self._alarmed and window.repairs == 0:
            self._alarmed = True
            self._log.warning(
                "the engine has lost readings; they are projected again, and everything is looked at", **lack
            )

    def _begin(self, windows: list[Window]) -> _Repair:
        held: set[Mark] = set()
        for window in windows:
            if window.lacks < window.target <= _TOLD_APART:
                held |= self._engine.held(window.start, window.end)
        with self._guard():
            (until,) = self._connection.execute("SELECT upto FROM projected").fetchone()
        return _Repair(windows, until, held)

    def _go_on(self, repair: _Repair, now: int) -> None:
        span = (repair.windows[0].start, repair.windows[-1].end)
        with self._guard():
            last, readings = self._kept.within(repair.at, repair.until, span, repair.wanted)
        lacking = repair.lacking(readings)
        refused = self._write(lacking) if lacking else []
        repair.at = last
        self._figures = replace(self._figures, rewritten=self._figures.rewritten + len(lacking) - len(refused))
        if last >= repair.until:
            with self._guard(), transaction(self._connection):
                for window in repair.windows:
                    repeats = repair.kept[window.start] - repair.distinct[window.start]
                    self._windows.put_back(window, repeats, now)
            self._repair = None


def mark_of(estate: str, sample: RawSample) -> Mark:
    point, time, value, _ = sample
    kind = type(value)
    return estate, point, time, float if kind is int else kind
