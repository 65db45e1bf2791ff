"""How far a node's numbered stream has come: what is stored, what it says it dropped, and what is missing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


class Ranges:
    """A set of whole numbers kept as disjoint inclusive ranges, lowest first."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._ranges: list[tuple[int, int]] = []
        for first, last in ranges:
            self.add(first, last)

    def add(self, first: int, last: int | None = None) -> None:
        last = first if last is None else last
        if not self._ranges or first > self._ranges[-1][1] + 1:
            self._ranges.append((first, last))
            return
        kept: list[tuple[int, int]] = []
        for low, high in self._ranges:
            if high + 1 < first or last + 1 < low:
                kept.append((low, high))
            else:
                first, last = min(first, low), max(last, high)
        kept.insert(bisect_right(kept, (first, last)), (first, last))
        self._ranges = kept

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(low <= number <= high for low, high in self._ranges)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._ranges)

    def __len__(self) -> int:
        """How many numbers are in it."""
        return sum(high - low + 1 for low, high in self._ranges)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self._ranges == other._ranges

    __hash__ = None  # type: ignore[assignment]  # it changes

    @property
    def highest(self) -> int:
        """The highest number, 0 when there is none."""
        return self._ranges[-1][1] if self._ranges else 0

    def minus(self, other: Ranges) -> Ranges:
        """What of it the other has not."""
        left = Ranges()
        for first, last in self._ranges:
            at = first
            for low, high in other.within(first, last):
                if at < low:
                    left.add(at, low - 1)
                at = high + 1
            if at <= last:
                left.add(at, last)
        return left

    def within(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Its parts from `first` to `last`, lowest first."""
        start = max(bisect_right(self._ranges, (first, first)) - 1, 0)
        for low, high in self._ranges[start:]:
            if low > last:
                return
            if high >= first:
                yield max(low, first), min(high, last)

    def both(self, other: Ranges) -> Ranges:
        """What both have."""
        return Ranges(part for first, last in self._ranges for part in other.within(first, last))

    def union(self, other: Ranges) -> Ranges:
        return Ranges([*self._ranges, *other])


@dataclass
class Progress:
    """One stream of one outbox. Records are counted for the operator; `conflicts` are other bytes under a known number."""

    estate: str
    node_id: str
    outbox: str
    stream: str
    stored: Ranges = field(default_factory=Ranges)
    voided: Ranges = field(default_factory=Ranges)
    records: int = 0
    duplicates: int = 0
    late: int = 0
    conflicts: int = 0
    void_records: int = 0

    @property
    def missing(self) -> Ranges:
        """Numbers below the highest seen that neither came nor were explained: under way, at the node still, or lost."""
        return gaps(self.stored.union(self.voided))


def gaps(accounted: Ranges, up_to: int = 0) -> Ranges:
    """Numbers from 1 to the highest known, and to `up_to`, that are not accounted for."""
    highest = max(accounted.highest, up_to)
    return Ranges([(1, highest)]).minus(accounted) if highest else Ranges()
