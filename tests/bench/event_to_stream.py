"""From an event's publication to its task on a live stream, while a thousand messages a second of telemetry are stored."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Bar, Bench, percentiles
from tests.bench.processes import NODE, CloudProcess, brokered, telemetry
from tests.bench.watching import LiveWatcher
from tests.fakes.wire_node import WireNode

TELEMETRY_RATE = 1000


def say_alarms(port: int, events: int) -> tuple[dict[str, float], list[float]]:
    """When each was published, and the milliseconds to its acknowledgement."""
    said: dict[str, float] = {}
    acknowledged: dict[int, float] = {}
    pause = random.Random(7)
    with WireNode(port, NODE) as node:
        for n in range(events):
            door = f"b1/door-{n}"
            payload = node.alarm(n + 1, "access.forced-open", door)
            said[door] = began = time.perf_counter()
            node.say(payload, "events")
            until = began + pause.uniform(0.04, 0.05)
            while (left := until - time.perf_counter()) > 0:
                node.listen(left)
                if n + 1 in node.acknowledged("events"):
                    acknowledged.setdefault(n, (time.perf_counter() - began) * 1000)
        node.hear(*range(1, events + 1), stream="events")
    return said, list(acknowledged.values())


def measure(short: bool) -> dict[str, float]:
    events = 100 if short else 300
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker:
        cloud = CloudProcess(Path(name) / "data", broker.port, token_for="manager")
        watcher = LiveWatcher(cloud.url, cloud.token)
        with telemetry(broker.port, TELEMETRY_RATE):
            said, acknowledged = say_alarms(broker.port, events)
            taken = [(watcher.wait_for(door) - at) * 1000 for door, at in said.items()]
        memory = cloud.usage.highest_rss_mib
        watcher.close()
        cloud.stop()
    return {
        **percentiles(taken),
        "acknowledged_p50_ms": statistics.median(acknowledged),
        "events": len(taken),
        "highest_rss_mib": memory,
    }


BENCH = Bench(
    "event-to-stream",
    "event published → task on a live stream, under 1,000 msg/s of telemetry",
    measure,
    {"p50_ms": Bar(8), "p99_ms": Bar(40)},
)
