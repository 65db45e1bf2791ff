"""From a pin's change to the task on a live stream: node and cloud are processes, the board is simulated, nothing debounces."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from tests.bench.figures import Bar, Bench, percentiles
from tests.bench.processes import PINS, CloudProcess, NodeProcess, brokered, call_points, virtual_board, wait_until
from tests.bench.watching import LiveWatcher
from tests.fakes.mqtt_wire import Wire


def one_node(folder: Path, first: int, broker_port: int, watcher: LiveWatcher) -> list[float]:
    """Milliseconds for each call point of one node, from its first on."""
    folder.mkdir()
    pause = random.Random(first)
    taken = []
    with virtual_board() as (board, board_port):
        node = NodeProcess(folder, broker_port, board_port, call_points(first))
        born(broker_port, node)
        time.sleep(0.5)  # its first readings are stored, and what a start costs is over
        for n, pin in enumerate(PINS, first):
            pressed = time.perf_counter()
            board.drive_low(pin)
            taken.append((watcher.wait_for(f"h{n}/call") - pressed) * 1000)
            time.sleep(pause.uniform(0.05, 0.15))  # At any phase of whatever turns in the node and the cloud.
        node.stop()
    return taken


def born(broker_port: int, node: NodeProcess) -> float:
    """Seconds from the start of the process to its birth at the broker."""
    listener = Wire(broker_port, "bench-births")
    listener.subscribe("tocsin/v1/+/+/presence")
    found: list[float] = []

    def heard() -> bool:
        listener.read(0.01)
        if any(b'"online"' in payload for _topic, payload in listener.messages):
            found.append(time.perf_counter())
        listener.messages.clear()
        return bool(found)

    wait_until(heard, "the node is born")
    listener.close()
    return found[0] - node.began


def measure(short: bool) -> dict[str, float]:
    nodes = 4 if short else 12
    taken: list[float] = []
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker:
        cloud = CloudProcess(Path(name) / "data", broker.port, token_for="manager")
        watcher = LiveWatcher(cloud.url, cloud.token)
        for n in range(nodes):
            taken += one_node(Path(name) / f"node-{n}", n * len(PINS), broker.port, watcher)
        watcher.close()
        cloud.stop()
    return {**percentiles(taken), "pins": len(taken)}


BENCH = Bench(
    "pin-to-task",
    "pin changed → task on a live stream, node and cloud as processes",
    measure,
    {"p50_ms": Bar(20), "p99_ms": Bar(80)},
)
