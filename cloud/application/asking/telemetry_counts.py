"""What became of a node's telemetry, each batch counted once."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from cloud.application.loss_ports import Arrivals
from cloud.application.ports import UnitsOfWork
from cloud.application.timeseries import NodeCounts, Origin
from cloud.domain.fleet.progress import Ranges
from schemas.batch import Stream


class CountedArrivals(Arrivals, Protocol):
    """Arrivals with the counters that their store keeps."""

    def counts(self, estate: str, node: str) -> NodeCounts: ...


class TelemetryCounts:
    """The store's counters, with what was declared lost told apart from what is missing. From any thread."""

    def __init__(self, units: UnitsOfWork, arrivals: CountedArrivals) -> None:
        self._units, self._arrivals = units, arrivals

    def __call__(self, estate: str, node: str) -> NodeCounts:
        """Raises Unavailable, ReadingsUnavailable."""
        with self._units.reading() as uow:
            losses = [one for one in uow.losses.of(estate) if one.node_id == node and one.stream == Stream.TELEMETRY]
        counts = self._arrivals.counts(estate, node)
        lost = missing = 0
        for one in losses:
            accounted = self._accounted(Origin(estate, node, one.outbox))
            # A batch that came since the last look is there, whatever the book still says.
            still = one.lost.minus(accounted)
            lost += len(still)
            missing += sum(last - first + 1 for first, last in still.within(1, accounted.highest))
        return replace(counts, lost=lost, missing=max(counts.missing - missing, 0))

    def _accounted(self, origin: Origin) -> Ranges:
        stored = Ranges(self._arrivals.stored_ranges(origin))
        return stored.union(Ranges((void.first, void.last) for void in self._arrivals.void_ranges(origin)))
