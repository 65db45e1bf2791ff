"""What a cloud takes while nothing happens: an estate loaded, a node online, one page open."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.figures import Bar, Bench
from tests.bench.pin_to_task import born
from tests.bench.processes import CloudProcess, NodeProcess, brokered, call_points, virtual_board
from tests.bench.watching import LiveWatcher

SETTLED_S = 5.0
"""What a start costs is over; nothing says so."""


def measure(short: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker, virtual_board() as (_, board_port):
        cloud = CloudProcess(Path(name) / "data", broker.port, token_for="manager")
        node = NodeProcess(Path(name), broker.port, board_port, call_points(0))
        born(broker.port, node)
        watcher = LiveWatcher(cloud.url, cloud.token)
        time.sleep(SETTLED_S)
        cpu = cloud.usage.cpu_percent_over(10.0 if short else 60.0)
        memory, highest = cloud.usage.rss_mib, cloud.usage.highest_rss_mib
        watcher.close()
        node.stop()
        cloud.stop()
    return {"rss_mib": memory, "cpu_percent": cpu, "highest_rss_mib": highest}


BENCH = Bench(
    "idle-cloud",
    "cloud, idle estate: a node online, one live stream open",
    measure,
    {"rss_mib": Bar(120), "cpu_percent": Bar(1)},
)
