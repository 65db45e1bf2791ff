"""How each node is, as Prometheus figures: the cloud tells for its nodes, which listen to nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cloud.application.asking.node_figures import NodeFigures, ReadNodeFigures
from cloud.errors import Unavailable

_LABELS: Final = ["estate", "node"]

_EACH: Final[tuple[tuple[str, str, Callable[[NodeFigures], float | None]], ...]] = (
    ("online", "Whether the node was last heard to be there (1) or gone (0)", lambda one: float(one.online)),
    ("heard_seconds", "Since the node was last heard", lambda one: one.heard_ago_s),
    ("outbox_used_ratio", "Share of its outbox in use", lambda one: one.outbox_used),
    ("outage_hours_left", "Hours of outage that its outbox still covers", lambda one: one.outage_hours_left),
    ("card_years_left", "Years that its storage bears what it writes a day", lambda one: one.card_years_left),
    ("clock_offset_seconds", "From its wall clock to its reference", lambda one: one.clock_offset_s),
    ("clock_synchronised", "Whether it believes its wall clock", lambda one: one.clock_synchronised),
    ("temperature_celsius", "Of its processor", lambda one: one.temperature_c),
    ("under_voltage", "Whether its supply is too weak", lambda one: one.under_voltage),
)


class FleetFigures(Collector):
    """One series for each node of the registers and figure; what a node does not say has none."""

    def __init__(self, read: ReadNodeFigures, now: Callable[[], datetime], registry: CollectorRegistry) -> None:
        self._read, self._now = read, now
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Nothing is asked merely because the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            nodes = self._read(self._now())
        except Unavailable:
            return  # `tocsin_state_readable` says so.
        for name, told, figure in _EACH:
            family = GaugeMetricFamily(f"tocsin_node_{name}", told, labels=_LABELS)
            for one in nodes:
                value = figure(one)
                if value is not None:
                    family.add_metric([one.estate, one.node], value)
            yield family
        waiting = GaugeMetricFamily("tocsin_node_outbox_batches", "Batches in its outbox", labels=[*_LABELS, "stream"])
        lost = GaugeMetricFamily(
            "tocsin_node_lost_batches", "Batches that left it and never arrived", labels=[*_LABELS, "stream"]
        )
        for one in nodes:
            for family, by_stream in ((waiting, one.waiting), (lost, one.lost)):
                for stream, count in by_stream.items():
                    family.add_metric([one.estate, one.node, str(stream)], count)
        yield from (waiting, lost)
