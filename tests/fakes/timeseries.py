"""Readings in plain lists: what every store of readings must answer like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from cloud.application.timeseries import (
    Grid,
    Mark,
    NodeCounts,
    Origin,
    Outcome,
    RawSample,
    Sample,
    SeqRange,
    Step,
    StoredBatch,
    VoidRange,
)
from cloud.errors import ReadingsUnavailable


class InMemoryReadings:
    """TelemetryStore, TimeSeriesReader, Expiry and Projection at once."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str], list[Sample]] = {}
        self._digests: dict[tuple[Origin, int], set[bytes]] = {}
        self._voids: dict[Origin, dict[tuple[int, int], str]] = {}
        self._counts: dict[Origin, Counter[str]] = {}
        self._trouble: str | None = None
        self.recorded_at: list[int] = []

    def break_down(self, trouble: str = "disk full") -> None:
        """From now on nothing is stored."""
        self._trouble = trouble

    def repair(self) -> None:
        self._trouble = None

    def record(self, batches: Sequence[StoredBatch], at: int) -> list[Outcome]:
        self._work()
        self.recorded_at.append(at)
        return [self._record(batch) for batch in batches]

    def void(self, origin: Origin, first: int, last: int, reason: str, at: int) -> None:
        self._work()
        if first > last:
            raise ValueError(f"void from {first} to {last} of {origin}: the first seq comes after the last")
        self.recorded_at.append(at)
        self._voids.setdefault(origin, {}).setdefault((first, last), reason)

    def stored_ranges(self, origin: Origin) -> list[SeqRange]:
        ranges: list[SeqRange] = []
        for seq in sorted(seq for of, seq in self._digests if of == origin):
            if ranges and ranges[-1].last == seq - 1:
                ranges[-1] = SeqRange(ranges[-1].first, seq)
            else:
                ranges.append(SeqRange(seq, seq))
        return ranges

    def void_ranges(self, origin: Origin) -> list[VoidRange]:
        return [VoidRange(*ends, reason) for ends, reason in sorted(self._voids.get(origin, {}).items())]

    def origins(self) -> list[Origin]:
        return sorted({*self._counts, *self._voids})

    def counts(self, estate: str, node: str) -> NodeCounts:
        total: Counter[str] = Counter()
        for origin in {*self._counts, *self._voids}:
            if origin[:2] == (estate, node):
                stored = {seq for of, seq in self._digests if of == origin}
                void = {seq for first, last, _ in self.void_ranges(origin) for seq in range(first, last + 1)} - stored
                missing = max(stored | void) - len(stored | void)
                total.update(self._counts.get(origin, Counter()))
                total.update({"void": len(void), "missing": missing})
        return NodeCounts(**total)

    def points(self, estate: str) -> list[str]:
        return sorted(point for of, point in self._series if of == estate)

    def latest(self, estate: str, points: Iterable[str]) -> dict[str, Sample]:
        lists = {point: self._series.get((estate, point)) for point in points}
        # max() gives the first of equals; of equal times the one stored last counts.
        return {point: max(reversed(kept), key=lambda s: s.time) for point, kept in lists.items() if kept}

    def read(self, estate: str, point: str, start: int, end: int, limit: int = 10_000) -> list[Sample]:
        kept = self._series.get((estate, point), [])
        return sorted((s for s in kept if start <= s.time < end), key=lambda s: s.time)[:limit]

    def steps(self, estate: str, point: str, start: int, end: int, n: int) -> list[Step]:
        grid = Grid.over(start, end, n)
        parts: dict[int, list[Sample]] = {}
        for sample in self.read(estate, point, grid.start, grid.end, limit=2**62):
            parts.setdefault((sample.time - grid.start) // grid.width, []).append(sample)
        return [_step(grid.start + index * grid.width, samples) for index, samples in sorted(parts.items())]

    def expire(self, estate: str, before: int, points: Collection[str] | None = None) -> None:
        for (of, point), kept in self._series.items():
            if of == estate and (points is None or point in points):
                kept[:] = [sample for sample in kept if sample.time >= before]

    def forget(self, before: int) -> None:
        self._work()
        for kept in self._series.values():
            kept[:] = [sample for sample in kept if sample.time >= before]

    def write(self, readings: Sequence[tuple[str, RawSample]]) -> None:
        self._work()
        for estate, sample in readings:
            kept = self._series.setdefault((estate, sample[0]), [])
            kept[:] = [*(s for s in kept if s.time != sample[1]), _sample(sample)]

    def count(self, start: int, end: int) -> int:
        return len(self.held(start, end))

    def held(self, start: int, end: int) -> set[Mark]:
        self._work()
        found = ((*name, s.time, type(s.value)) for name, kept in self._series.items() for s in kept)
        return {mark for mark in found if start <= mark[2] < end}

    def close(self) -> None:
        pass

    def _work(self) -> None:
        if self._trouble:
            raise ReadingsUnavailable(self._trouble)

    def _record(self, batch: StoredBatch) -> Outcome:
        counts = self._counts.setdefault(batch.origin, Counter())
        digests = self._digests.setdefault((batch.origin, batch.seq), set())
        outcome = Outcome.CONFLICT if digests else Outcome.STORED
        if batch.digest in digests:
            outcome = Outcome.DUPLICATE
        counts[outcome.value] += 1
        if outcome is not Outcome.DUPLICATE:
            digests.add(batch.digest)
            counts.update(readings=len(batch.samples), refused=batch.refused, late=int(batch.late))
            for sample in batch.samples:
                self._series.setdefault((batch.origin.estate, sample[0]), []).append(_sample(sample))
        return outcome


def _sample(raw: RawSample) -> Sample:
    point, time, value, quality = raw
    return Sample(point, time, float(value) if type(value) is int else value, quality)


def _step(time: int, samples: Sequence[Sample]) -> Step:
    values = [float(s.value) for s in samples if not isinstance(s.value, str)]
    if len(values) < len(samples):
        return Step(time, None, None, None, samples[-1].value, len(samples))
    return Step(time, min(values), max(values), sum(values) / len(values), samples[-1].value, len(samples))
