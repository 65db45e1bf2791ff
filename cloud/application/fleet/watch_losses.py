"""Every gap in what a node numbered is explained, or is a loss that somebody is told of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.loss_ports import Arrivals
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.timeseries import Origin
from cloud.domain.duties.register import Register
from cloud.domain.fleet.losses import Losses, Said
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.records.ledger import Draft, Kind
from schemas.batch import Stream

LOST: Final = "node.records-lost"


class _Stream(NamedTuple):
    outbox: str
    stream: str


class WatchLosses:
    """Compares what each node says it still holds with what is stored, and declares lost what is in neither.

    Raises `node.records-lost` for each node with new losses: a fact, which a person has to look into. A batch that comes
    after all is counted as lost no more, and the ledger says so.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, arrivals: Arrivals) -> None:
        self._units, self._clock, self._ids, self._arrivals = units, clock, ids, arrivals

    def __call__(self) -> int:
        """How many batches were declared lost. Raises Unavailable, ReadingsUnavailable."""
        arrived: dict[str, list[Origin]] = defaultdict(list)
        with self._units.reading() as uow:
            registers = [uow.registers.find(estate.id) for estate in uow.registers.estates()]
        # What nodes say is read before what has arrived: an acknowledged batch is stored, and so is seen.
        told = {register.estate.id: self._nodes(register.estate.id) for register in registers if register}
        for origin in self._arrivals.origins():
            arrived[origin.estate].append(origin)
        return sum(
            self._look(register, told[register.estate.id], arrived[register.estate.id])
            for register in registers
            if register is not None
        )

    def _nodes(self, estate: str) -> Mapping[str, Node]:
        with self._units.reading() as uow:
            return {node.id: node for node in uow.nodes.of(estate)}

    def _look(self, register: Register, nodes: Mapping[str, Node], origins: list[Origin]) -> int:
        telemetry = {origin: self._accounted(origin) for origin in origins}
        with self._units.reading() as uow:
            if next(self._judged(uow, register.estate.id, nodes, telemetry), None) is None:
                return 0
        with self._units.writing() as uow:
            count = self._declare(uow, register, nodes, telemetry)
            uow.commit()
            return count

    def _accounted(self, origin: Origin) -> Ranges:
        stored = Ranges(self._arrivals.stored_ranges(origin))
        return stored.union(Ranges((void.first, void.last) for void in self._arrivals.void_ranges(origin)))

    def _judged(
        self, uow: UnitOfWork, estate: str, nodes: Mapping[str, Node], telemetry: Mapping[Origin, Ranges]
    ) -> Iterator[tuple[Losses, Ranges, Ranges]]:
        """(losses, newly declared, found again) of each stream of which anything changes."""
        now = self._clock.now()
        known = {_Stream(one.outbox, one.stream): one for one in uow.losses.of(estate)}
        for node_id, stream, accounted in _streams(uow.batches.progress_of(estate), telemetry):
            node = nodes.get(node_id) or Node(estate, node_id)
            losses = known.get(stream) or Losses(estate, node_id, *stream)
            judged = losses.judge(accounted, _said(uow, node, stream), now)
            if judged.anything:
                yield losses, judged.declared, judged.found

    def _declare(
        self, uow: UnitOfWork, register: Register, nodes: Mapping[str, Node], telemetry: Mapping[Origin, Ranges]
    ) -> int:
        now, estate = self._clock.now(), register.estate.id
        lost: dict[str, int] = defaultdict(int)
        found: dict[str, int] = defaultdict(int)
        for losses, declared, again in list(self._judged(uow, estate, nodes, telemetry)):
            uow.losses.save(losses)
            lost[losses.node_id] += len(declared)
            found[losses.node_id] += len(again)
        for kind, counts in ((Kind.RECORDS_LOST, lost), (Kind.RECORDS_FOUND, found)):
            for node_id, count in counts.items():
                if count:
                    data = {"node": node_id, "count": count}
                    uow.ledger.append(estate, [Draft(kind, now, "clock", None, node_id, LOST, data)])
        self._tell(uow, register, [node_id for node_id, count in lost.items() if count], now)
        return sum(lost.values())

    def _tell(self, uow: UnitOfWork, register: Register, node_ids: list[str], now: datetime) -> None:
        consequences = Consequences(uow, register, self._ids, now, "clock")
        for node_id in node_ids:
            occurrence = f"lost:{self._ids.new(now)}"
            sighting = noticed(register.estate.id, node_id, LOST, occurrence=occurrence, at=now, cause=LOST)
            consequences.raised(sighting)
            consequences.cleared(gone(sighting, now, LOST))
        consequences.settle()


def _streams(progress: Iterable[Progress], telemetry: Mapping[Origin, Ranges]) -> Iterator[tuple[str, _Stream, Ranges]]:
    """(node, stream, numbers stored or void) of everything that ever arrived."""
    for one in progress:
        if one.stream == Stream.EVENTS:
            yield one.node_id, _Stream(one.outbox, one.stream), one.stored.union(one.voided)
    for origin, accounted in telemetry.items():
        yield origin.node, _Stream(origin.outbox, Stream.TELEMETRY.value), accounted


def _said(uow: UnitOfWork, node: Node, stream: _Stream) -> Said | None:
    """What the node last said of the stream; None where that decides nothing: while events of its wait, one of them may be
    the explanation.
    """
    said: list[dict[str, Any]] = node.health.get("numbering") or []
    waiting = node.health.get("events", {}).get("batches")
    if not said or waiting or node.health.get("boot") != node.boot:
        return None
    for one in said:
        if (one["outbox"], one["stream"]) == stream:
            return Said(one.get("given"), one.get("oldest"))
    over = stream.outbox in node.former and stream.outbox != node.outbox
    if over and not uow.enrolments.is_drained(stream.outbox):
        # The same board numbers in another store now, and holds nothing of this one any more.
        return Said(node.given.get("/".join(stream)), None, over=True)
    return None
