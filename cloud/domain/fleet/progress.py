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
    def lost(self) -> int:
        """Batches below the highest number seen that neither came nor were explained. What is still under way counts
        until it arrives.
        """
        accounted = self.stored.union(self.voided)
        return accounted.highest - len(accounted)
