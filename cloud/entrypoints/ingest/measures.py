"""What ingest counts, for Prometheus: every stage from the broker to the acknowledgement."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from cloud.application.timeseries import Outcome

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5.0, 30.0)


class Measures:
    """Counters in a registry that is passed in. Batches are counted, except where it says readings."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._received = Counter(
            "tocsin_ingest_received", "Messages taken from the broker", ["channel"], registry=registry
        )
        self._outcomes = Counter(
            "tocsin_ingest_batches", "Batches by what became of them", ["stream", "outcome"], registry=registry
        )
        self._readings = Counter("tocsin_ingest_readings_stored", "Readings made durable", registry=registry)
        self._refused = Counter(
            "tocsin_ingest_refused", "Records and messages in the dead letters", ["stream"], registry=registry
        )
        self._acknowledged = Counter(
            "tocsin_ingest_acknowledged", "Batches acknowledged to their nodes", ["stream"], registry=registry
        )
        self._latency = Histogram(
            "tocsin_ingest_stored_seconds",
            "From arrival to durable; for telemetry the oldest of a group",
            ["stream"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._group = Histogram(
            "tocsin_ingest_group",
            "Batches of telemetry in one transaction",
            buckets=(1, 4, 16, 64, 128, 256, 512),
            registry=registry,
        )
        self._turned_away = Gauge(
            "tocsin_ingest_turned_away",
            "Messages not taken because ingest was full; nodes repeat them",
            registry=registry,
        )
        self._waiting = Gauge("tocsin_ingest_waiting", "Messages waiting to be stored", ["lane"], registry=registry)

    def received(self, channel: str, count: int = 1) -> None:
        self._received.labels(channel).inc(count)

    def committed(self, messages: int, oldest_s: float) -> None:
        self._received.labels("telemetry").inc(messages)
        self._group.observe(messages)
        self._latency.labels("telemetry").observe(oldest_s)

    def stored(self, stream: str, outcomes: Mapping[Outcome, int], readings: int = 0) -> None:
        for outcome, count in outcomes.items():
            if count:
                self._outcomes.labels(stream, outcome.value).inc(count)
        self._readings.inc(readings)

    def refused(self, stream: str, records: int) -> None:
        if records:
            self._refused.labels(stream).inc(records)

    def took(self, stream: str, seconds: float) -> None:
        self._latency.labels(stream).observe(seconds)

    def acknowledged(self, stream: str, batches: int) -> None:
        if batches:
            self._acknowledged.labels(stream).inc(batches)

    def waiting(self, lane: str) -> Gauge:
        """The gauge of one lane, to be set by a function."""
        return self._waiting.labels(lane)

    @property
    def turned_away(self) -> Gauge:
        return self._turned_away
