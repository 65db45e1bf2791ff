"""What one node's agent takes: 34 points sampled at 1 Hz from two lift controllers and four detectors."""

from __future__ import annotations

import asyncio
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_sim.modbus import ControllerServer, LiftController
from tests.bench.figures import Bar, Bench, percentiles
from tests.bench.pin_to_task import born
from tests.bench.processes import NodeProcess, brokered, virtual_board, wait_until
from tests.fakes.edge_cloud import StoringCloud
from tests.fakes.mqtt_wire import Wire

PIN = 17


@contextmanager
def lifts() -> Iterator[int]:
    """Two controllers behind one Modbus server; its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    controllers = [LiftController(1), LiftController(2)]
    for n, controller in enumerate(controllers):
        controller.show({"service_mode": 1, "floor": 3 + n, "at_level": 1, "main_power": 1, "load": 75})
    server = ControllerServer(controllers)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    try:
        yield server.port
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def equipment(modbus_port: int) -> str:
    """Every sample is reported: no silence longer than a second."""
    sampling = "sampling = { period_s = 1.0, max_silence_s = 1.0 }\n"
    found = "".join(
        f'[[config.equipment]]\nkind = "lift"\nid = "b1/lift-{unit}"\n{sampling}'
        f'controller = {{ host = "127.0.0.1", port = {modbus_port}, unit = {unit} }}\n'
        for unit in (1, 2)
    )
    for n in range(4):
        analog = "".join(
            f"{name} = {{ channel = {(n * 3 + at) % 8}, device = {(n * 3 + at) // 8}, at_full = 1.0 }}\n"
            for at, name in enumerate(("obscuration", "temperature", "co"))
        )
        found += f'[[config.equipment]]\nkind = "smoke_detector"\nid = "b1/smoke-{n}"\n{sampling}{analog}'
    found += f'[[config.equipment]]\nkind = "smoke_detector"\nid = "h0/call"\ncall_point = {{ pin = {PIN}, debounce_ms = 0 }}\n'
    return found


def pin_to_broker(port: int, board, presses: int) -> list[float]:
    """Milliseconds from a contact's closing to its alarm at a subscriber of the broker."""
    listener = Wire(port, "bench-events")
    listener.subscribe("tocsin/v1/example/+/events")
    pause = random.Random(11)
    taken: list[float] = []

    def heard(kind: bytes) -> float | None:
        listener.read(0.05)
        now = time.perf_counter()
        found = any(kind in payload for _topic, payload in listener.messages)
        listener.messages.clear()
        return now if found else None

    for _ in range(presses):
        for kind, change in ((b"alarm.raised", board.drive_low), (b"alarm.cleared", board.let_go)):
            time.sleep(pause.uniform(0.03, 0.08))  # At any phase of the node's loop.
            began = time.perf_counter()
            change(PIN)
            at: list[float] = []
            wait_until(lambda kind=kind, at=at: (now := heard(kind)) is not None and not at.append(now), "the event")
            taken.append((at[0] - began) * 1000)
    listener.close()
    return taken


def measure(short: bool) -> dict[str, float]:
    watched_s = 10.0 if short else 30.0
    with (
        tempfile.TemporaryDirectory() as name,
        brokered(Path(name)) as broker,
        virtual_board() as (board, board_port),
        lifts() as modbus_port,
    ):
        for channel in range(8):
            for device in (0, 1):
                board.set_voltage(channel, 0.02, device=device)
        cloud = StoringCloud(broker.port)
        node = NodeProcess(Path(name), broker.port, board_port, equipment(modbus_port))
        start_s = born(broker.port, node)
        time.sleep(5)  # What a start costs is over.
        before = _readings(cloud)
        cpu = node.usage.cpu_percent_over(watched_s)
        rate = (_readings(cloud) - before) / watched_s
        memory = node.usage.rss_mib
        taken = percentiles(pin_to_broker(broker.port, board, 50 if short else 150))
        node.stop()
        cloud.close()
    return {
        "rss_mib": memory,
        "cpu_percent": cpu,
        "start_s": start_s,
        "readings_per_s": rate,
        **{f"pin_to_broker_{key}": value for key, value in taken.items()},
    }


def _readings(cloud: StoringCloud) -> int:
    return sum(len(batch["pack"]) for (_, stream, _), batch in list(cloud.batches.items()) if stream == "telemetry")


BENCH = Bench(
    "edge",
    "edge agent: points sampled and reported at 1 Hz, events stored before they are sent",
    measure,
    {
        "rss_mib": Bar(50),
        "cpu_percent": Bar(1),
        "start_s": Bar(1.5),
        "pin_to_broker_p99_ms": Bar(5),
    },
)
