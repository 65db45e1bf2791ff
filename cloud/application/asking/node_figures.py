"""How each node is, as numbers for whoever watches the fleet: what it said last, while that is still news."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.fleet.node import Node
from schemas.batch import Stream

NEWS_FOR: Final = timedelta(minutes=10)
"""Older words of a node say nothing of how it is; only how long they have been the last is told then."""

MOST_NODES: Final = 10_000
"""Of one estate: what is scraped is bounded whatever a register holds."""


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """`heard_ago_s` None: never heard. `waiting`: batches in its outbox by stream; `lost`: declared lost, by stream. What a node
    does not say, or said too long ago, is None or absent.
    """

    estate: str
    node: str
    online: bool
    heard_ago_s: float | None = None
    waiting: Mapping[str, float] = field(default_factory=dict)
    outbox_used: float | None = None
    outage_hours_left: float | None = None
    card_years_left: float | None = None
    clock_offset_s: float | None = None
    clock_synchronised: float | None = None
    temperature_c: float | None = None
    under_voltage: float | None = None
    lost: Mapping[str, float] = field(default_factory=dict)


class ReadNodeFigures:
    """Nodes of the registers only: names are bounded by what an operator has loaded, not by what strangers call themselves."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(self, now: datetime) -> list[NodeFigures]:
        """Raises cloud.errors.Unavailable."""
        with self._units.reading() as uow:
            return [
                figures for estate in uow.registers.estates() for figures in self._of(uow, estate.id, now)[:MOST_NODES]
            ]

    @staticmethod
    def _of(uow: UnitOfWork, estate: str, now: datetime) -> list[NodeFigures]:
        register = uow.registers.find(estate)
        known = {node.id: node for node in uow.nodes.of(estate)}
        lost: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(Stream, 0.0))
        for one in uow.losses.of(estate):
            lost[one.node_id][one.stream] += len(one.lost)
        return [
            _figures(known.get(name) or Node(estate, name), lost[name], now)
            for name in sorted(register.nodes if register else ())
        ]


def _figures(node: Node, lost: Mapping[str, float], now: datetime) -> NodeFigures:
    ago = None if node.heard_at is None else max((now - node.heard_at).total_seconds(), 0.0)
    health: Mapping[str, Any] = node.health if ago is not None and ago <= NEWS_FOR.total_seconds() else {}
    used, quota = _number(health, "outbox_bytes"), _number(health, "outbox_quota_bytes")
    under_voltage = health.get("under_voltage")
    return NodeFigures(
        estate=node.estate,
        node=node.id,
        online=node.online,
        heard_ago_s=ago,
        waiting={
            stream: depth
            for stream in Stream
            if isinstance(said := health.get(stream.value), Mapping) and (depth := _number(said, "batches")) is not None
        },
        outbox_used=used / quota if used is not None and quota else None,
        outage_hours_left=_number(health, "outage_hours_left"),
        card_years_left=_number(health, "card_years_left"),
        clock_offset_s=_number(health, "clock_offset_s"),
        clock_synchronised=float(health["clock"] == "synchronised") if "clock" in health else None,
        temperature_c=_number(health, "temperature_c"),
        under_voltage=float(under_voltage) if isinstance(under_voltage, bool) else None,
        lost=lost,
    )


def _number(found: Mapping[str, Any], name: str) -> float | None:
    value = found.get(name)
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if usable and value is not None else None
