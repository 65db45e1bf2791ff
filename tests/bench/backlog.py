"""A backlog in a real node's outbox drains into a real cloud, and new alarms go past it."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from edge.application.ports import Entries
from schemas.batch import ClockState
from tests.bench.figures import Bar, Bench, percentiles
from tests.bench.processes import NODE, PINS, CloudProcess, NodeProcess, brokered, call_points, virtual_board
from tests.bench.watching import LiveWatcher
from tests.fakes.mqtt_wire import Wire

POINTS = 32
"""Readings in a batch: one second of 32 points at 1 Hz, as a node seals them."""
DEADLINE_S = 180.0


def fill(path: Path, readings: int) -> str:
    """An outbox as an outage of `readings` / 32 seconds leaves it. Its identity."""
    seconds = readings // POINTS
    start, boot = time.time() - seconds - 60, str(uuid.uuid4())
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # only while it is made
        store = OutboxStore(connection, 1_000_000_000)
        for at in range(0, seconds, 500):
            packs = [_pack(start + second, second) for second in range(at, min(at + 500, seconds))]
            store.commit(Entries(boot, at, start + at, ClockState.SYNCHRONISED, packs=packs), {}, ())
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return store.identity


def _pack(at: float, second: int) -> list[dict]:
    records = [
        {
            "n": f"p{n}",
            "u": "m/s",
            "v": round(1.5 + (second + n) % 97 * 0.01, 3),
            "t": round(n * 0.02, 6),
            "mono_": second,
        }
        for n in range(POINTS)
    ]
    return [{"bn": "b1/lift-1/", "bt": int(at)} | records[0], *records[1:]]


class Drain:
    """Follows the acknowledgements of one outbox."""

    def __init__(self, port: int, outbox: str, batches: int) -> None:
        self._wire = Wire(port, "bench-drain")
        self._wire.subscribe(f"tocsin/v1/example/{NODE}/ack")
        self._outbox, self._left = outbox, set(range(1, batches + 1))
        self.batches = batches
        self.began = self.ended = 0.0

    def until(self, left: int, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Until at most so many batches are not acknowledged."""
        deadline = time.perf_counter() + DEADLINE_S
        while len(self._left) > left:
            assert time.perf_counter() < deadline, f"{len(self._left)} batches of {self.batches} are still there"
            self._wire.read(0.02)
            for _topic, payload in self._wire.messages:
                self._take(json.loads(payload))
            self._wire.messages.clear()
            meanwhile()

    def _take(self, ack: dict) -> None:
        if ack["outbox"] != self._outbox:
            return
        now = time.perf_counter()
        for stream in ack["streams"]:
            if stream["stream"] == "telemetry":
                assert not stream["refused"], "the cloud refuses what the outbox holds"
                self.began = self.began or now
                self.ended = now
                for first, last in stream["stored"]:
                    self._left.difference_update(range(first, last + 1))


class Alarms:
    """One call point after another, evenly over the drain."""

    def __init__(self, board, watcher: LiveWatcher, every_s: float) -> None:
        self._board, self._watcher, self._every_s = board, watcher, every_s
        self._pressed: dict[str, float] = {}
        self._next = 0.0

    def __call__(self) -> None:
        now = time.perf_counter()
        if now >= self._next and len(self._pressed) < len(PINS):
            self._pressed[f"h{len(self._pressed)}/call"] = now
            self._board.drive_low(PINS[len(self._pressed) - 1])
            self._next = time.perf_counter() + self._every_s

    def taken_ms(self) -> list[float]:
        return [(self._watcher.wait_for(call) - at) * 1000 for call, at in self._pressed.items()]


def measure(short: bool) -> dict[str, float]:
    readings = 200_000 if short else 1_000_000
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker, virtual_board() as (board, board_port):
        folder = Path(name)
        outbox = fill(folder / "outbox.db", readings)
        cloud = CloudProcess(folder / "data", broker.port, token_for="manager")
        watcher = LiveWatcher(cloud.url, cloud.token)
        drain = Drain(broker.port, outbox, readings // POINTS)
        node = NodeProcess(folder, broker.port, board_port, call_points(0))
        drain.until(drain.batches * 19 // 20)
        drain.until(drain.batches // 20, alarms := Alarms(board, watcher, 0.2 if short else 0.8))
        drain.until(0)
        taken = alarms.taken_ms()
        usage = {"node_rss_mib": node.usage.highest_rss_mib, "node_cpu_s": node.usage.cpu_s}
        node.stop()
        watcher.close()
        cloud.stop()
        left = _left_in(folder / "outbox.db")
    assert left == 0, f"the node still holds {left} batches of telemetry"
    rate = readings / (drain.ended - drain.began)
    return {
        "readings_per_s": rate,
        **{f"alarm_{k}": v for k, v in percentiles(taken).items()},
        "alarms": len(taken),
    } | usage


def _left_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM batch WHERE stream = 'telemetry'").fetchone()[0]


BENCH = Bench(
    "backlog",
    "a backlog of 1,000,000 readings (short: 200,000) drains; new alarms meanwhile, to the live stream",
    measure,
    {"readings_per_s": Bar(20_000, least=True), "alarm_max_ms": Bar(100)},
)
