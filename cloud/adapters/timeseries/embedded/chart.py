"""Adds up the steps of a chart from readings and from minutes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from cloud.adapters.timeseries.embedded.rollup import Rollup
from cloud.adapters.timeseries.journal.segments import KIND, TEXT, TRUTH, Columns, decoded
from cloud.application.timeseries import Grid, Step, Value


@dataclass(slots=True)
class _Tally:
    count: int = 0
    low: float = float("inf")
    high: float = float("-inf")
    total: float = 0.0
    text: bool = False
    last_time: int = -(2**63)
    last: Value = 0.0

    def add(self, low: float, high: float, total: float) -> None:
        self.low = min(low, self.low)
        self.high = max(high, self.high)
        self.total += total

    def step(self, time: int) -> Step:
        if self.text:
            return Step(time, None, None, None, self.last, self.count)
        return Step(time, self.low, self.high, self.total / self.count, self.last, self.count)


class Chart:
    """Give it all that lies in the grid, in the order of arrival; of equal times the later one is `last`."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._tallies: dict[int, _Tally] = {}

    def add(self, columns: Columns) -> None:
        """Readings by time; those outside the grid are left out."""
        times, values, flags, texts = columns
        kinds = {flag & KIND for flag in set(flags)}
        at, end = bisect_left(times, self._grid.start), bisect_left(times, self._grid.end)
        while at < end:
            step, until = self._cut(times, at, end)
            tally = self._tally(step, until - at)
            part = values[at:until]
            if TEXT in kinds:
                tally.text = tally.text or any(flag & KIND == TEXT for flag in flags[at:until])
            tally.add(min(part), max(part), sum(part))
            if times[until - 1] >= tally.last_time:
                tally.last_time, tally.last = times[until - 1], decoded(part[-1], flags[until - 1], texts)
            at = until

    def add_minutes(self, minutes: Rollup) -> None:
        """Whole minutes; right only on a grid whose steps are whole minutes."""
        times = minutes.times
        at, end = bisect_left(times, self._grid.start), bisect_left(times, self._grid.end)
        while at < end:
            step, until = self._cut(times, at, end)
            tally = self._tally(step, int(sum(minutes.counts[at:until])))
            tally.add(min(minutes.mins[at:until]), max(minutes.maxs[at:until]), sum(minutes.sums[at:until]))
            if times[until - 1] >= tally.last_time:
                last = minutes.lasts[until - 1]
                tally.last_time, tally.last = times[until - 1], bool(last) if minutes.flag == TRUTH else last
            at = until

    def steps(self) -> list[Step]:
        grid = self._grid
        ordered = sorted(self._tallies.items(), key=itemgetter(0))
        return [tally.step(grid.start + index * grid.width) for index, tally in ordered]

    def _cut(self, times: Sequence[int], at: int, end: int) -> tuple[int, int]:
        step = (times[at] - self._grid.start) // self._grid.width
        return step, bisect_left(times, self._grid.start + (step + 1) * self._grid.width, at, end)

    def _tally(self, step: int, count: int) -> _Tally:
        tally = self._tallies.setdefault(step, _Tally())
        tally.count += count
        return tally
