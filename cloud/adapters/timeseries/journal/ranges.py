"""Which numbers of a growing sequence have been seen, as few ranges."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from cloud.application.timeseries import SeqRange


class SeqRanges:
    """A set of integers kept as ascending ranges that never touch; `changed` remembers whose beginnings to write down."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in sorted(ranges):
            self._firsts.append(first)
            self._lasts.append(last)
        self.changed: set[int] = set()

    def __contains__(self, seq: int) -> bool:
        at = bisect_right(self._firsts, seq) - 1
        return at >= 0 and seq <= self._lasts[at]

    def __iter__(self) -> Iterator[SeqRange]:
        return map(SeqRange, self._firsts, self._lasts)

    def add(self, seq: int) -> None:
        at = bisect_right(self._firsts, seq)
        follows = at > 0 and self._lasts[at - 1] == seq - 1
        leads = at < len(self._firsts) and self._firsts[at] == seq + 1
        if follows and leads:
            self._lasts[at - 1] = self._lasts.pop(at)
            self.changed.add(self._firsts.pop(at))
            self.changed.add(self._firsts[at - 1])
        elif follows:
            self._lasts[at - 1] = seq
            self.changed.add(self._firsts[at - 1])
        elif leads:
            self.changed.update((seq, seq + 1))
            self._firsts[at] = seq
        else:
            self._firsts.insert(at, seq)
            self._lasts.insert(at, seq)
            self.changed.add(seq)

    def last_of(self, first: int) -> int | None:
        """The end of the range that begins at `first`, None when none does any more."""
        at = bisect_right(self._firsts, first) - 1
        return self._lasts[at] if at >= 0 and self._firsts[at] == first else None
