"""The state of the service as Prometheus figures, counted by the database when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cloud.application.asking.figures import FigureReader, Figures
from cloud.application.timeseries import ProjectionAudit, ProjectionLag, to_micros
from cloud.errors import ReadingsUnavailable, Unavailable


class StateFigures(Collector):
    """What stands behind ingest: tasks, timers, messages to people, nodes, dead letters, ledger, live streams.

    `streams`: how many live streams are open now. `ready`: whether the process can do its work.
    """

    def __init__(
        self,
        reader: FigureReader,
        now: Callable[[], datetime],
        *,
        streams: Callable[[], int],
        ready: Callable[[], bool],
        registry: CollectorRegistry,
    ) -> None:
        self._reader, self._now, self._streams, self._ready = reader, now, streams, ready
        registry.register(self)

    def describe(self) -> list[Metric]:
        """Nothing is counted merely because the collector is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "tocsin_ready", "Whether the process can do its work (1) or not (0)", float(self._ready())
        )
        yield GaugeMetricFamily("tocsin_live_streams", "Live streams open now", self._streams())
        try:
            figures = self._reader.figures(self._now())
        except Unavailable:
            # The scrape still tells what it can: that the state cannot be read is itself the news.
            yield GaugeMetricFamily("tocsin_state_readable", "Whether the state could be read for these figures", 0)
            return
        yield GaugeMetricFamily("tocsin_state_readable", "Whether the state could be read for these figures", 1)
        yield from _service(figures)
        yield from _estates(figures)


class ProjectionFigures(Collector):
    """How far the engine that draws the readings is behind what is stored here, and what it lost of it."""

    def __init__(
        self,
        lag: Callable[[], ProjectionLag],
        audit: Callable[[], ProjectionAudit],
        now: Callable[[], datetime],
        registry: CollectorRegistry,
    ) -> None:
        self._lag, self._audit, self._now = lag, audit, now
        registry.register(self)

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            lag = self._lag()
        except ReadingsUnavailable:
            return  # The readings' own lane says that they cannot be read.
        behind = 0.0 if lag.oldest_at is None else max((to_micros(self._now()) - lag.oldest_at) / 1e6, 0.0)
        yield GaugeMetricFamily("tocsin_projection_waiting", "Readings the engine was not given yet", lag.readings)
        yield GaugeMetricFamily("tocsin_projection_behind_seconds", "How long the oldest of them has waited", behind)
        yield GaugeMetricFamily("tocsin_projection_refused", "Readings the engine refused for good", lag.refused)
        yield GaugeMetricFamily(
            "tocsin_projection_troubled",
            "Whether the engine takes nothing now (1) or does (0)",
            float(bool(lag.trouble)),
        )
        yield from _audited(self._audit())


def _audited(audit: ProjectionAudit) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "tocsin_projection_windows", "Stretches of five minutes that the engine is held to", audit.windows
    )
    yield CounterMetricFamily(
        "tocsin_projection_windows_checked", "How often one was compared with what is stored here", audit.checked
    )
    yield CounterMetricFamily(
        "tocsin_projection_windows_missing", "How often one was found to lack readings", audit.missing
    )
    yield CounterMetricFamily(
        "tocsin_projection_rewritten", "Readings the engine had lost and was given again", audit.rewritten
    )
    yield GaugeMetricFamily(
        "tocsin_projection_given_up",
        "Readings the engine lacks that could not be given again: refused, or older than what is kept for it",
        audit.given_up,
    )


def _service(figures: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "tocsin_timers_late_seconds",
        "Age of the oldest due time that nobody has attended to: clocks and escalations stand still when it grows",
        figures.timers_late_s,
    )
    yield GaugeMetricFamily(
        "tocsin_notifications_waiting", "Messages to people not sent yet", figures.notifications_waiting
    )
    yield GaugeMetricFamily(
        "tocsin_notifications_retried", "Of those, tried at least once and failed", figures.notifications_retried
    )
    yield GaugeMetricFamily(
        "tocsin_notifications_oldest_seconds",
        "How long the oldest unsent message has waited beyond its time",
        figures.notifications_oldest_s,
    )


def _estates(figures: Figures) -> Iterator[Metric]:
    tasks = GaugeMetricFamily("tocsin_tasks", "Open tasks", labels=["estate", "state", "life_safety"])
    nodes = GaugeMetricFamily("tocsin_nodes", "Nodes by what was last heard of them", labels=["estate", "state"])
    letters = GaugeMetricFamily("tocsin_dead_letters", "Messages that could never be taken", labels=["estate"])
    heads = GaugeMetricFamily("tocsin_ledger_seq", "Number of the ledger's last entry", labels=["estate"])
    posts = GaugeMetricFamily(
        "tocsin_webhook_postings", "What other systems did not take yet, or never did", labels=["estate", "state"]
    )
    for estate, known in figures.estates.items():
        for (state, life_safety), count in sorted(known.tasks.items()):
            tasks.add_metric([estate, state, str(life_safety).lower()], count)
        nodes.add_metric([estate, "online"], known.nodes_online)
        nodes.add_metric([estate, "offline"], known.nodes_offline)
        letters.add_metric([estate], known.dead_letters)
        heads.add_metric([estate], known.ledger_seq)
        posts.add_metric([estate, "waiting"], known.webhooks_waiting)
        posts.add_metric([estate, "given-up"], known.webhooks_given_up)
    yield from (tasks, nodes, letters, heads, posts)
