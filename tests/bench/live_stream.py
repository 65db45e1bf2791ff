"""From a note's request to the readers of the live stream: one reader, and a thousand on one process.

The service is `python -m cloud run`, so that its memory is measured and nobody else's.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from tests.bench.figures import Bar, Bench, percentiles
from tests.bench.processes import NODE, CloudProcess, brokered, wait_until
from tests.bench.watching import LIVE, LiveWatcher
from tests.fakes.wire_node import WireNode

DOOR = "b1/door-0"
DEADLINE_S = 120.0
NOTED = b'"task.note-added"'


class Where(NamedTuple):
    """What to follow: until `notes` notes have come."""

    host: str
    port: int
    token: str
    notes: int


class Beginnings:
    """How many streams have begun."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self.all_here = asyncio.Event()

    def one(self) -> None:
        self._wanted -= 1
        if not self._wanted:
            self.all_here.set()


async def follow(where: Where, begun: Beginnings, arrivals: list[float]) -> None:
    """A bare reader of the stream: the time at which each note's event is here."""
    reader, writer = await asyncio.open_connection(where.host, where.port)
    ask = f"GET {LIVE} HTTP/1.1\r\nHost: {where.host}\r\nAuthorization: Bearer {where.token}\r\n\r\n"
    writer.write(ask.encode())
    beaten = False
    while len(arrivals) < where.notes:
        line = await reader.readline()
        here = time.perf_counter()
        assert line, "the service ended a stream"
        if line.startswith(b"data:") and NOTED in line:
            arrivals.append(here)
        elif not beaten and line.startswith(b"event: beat"):
            beaten = True
            begun.one()
    writer.close()


def read(where: Where, readers: int, pipe) -> None:
    """In a process of its own, so that reading costs the service nothing but its share of the machine."""

    async def all_of_them() -> list[list[float]]:
        arrivals: list[list[float]] = [[] for _ in range(readers)]
        begun = Beginnings(readers)
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
            for n in range(readers):
                group.create_task(follow(where, begun, arrivals[n]))
                if n % 50 == 49:
                    await asyncio.sleep(
                        0.05
                    )  # They come in groups: how a thousand connect at once is not what is measured.
            await begun.all_here.wait()
            pipe.send("all are here")
        return arrivals

    pipe.send(asyncio.run(all_of_them()))


def measure(readers: int, notes: int, every_s: float) -> dict[str, float]:
    """Milliseconds from a note's request to its event at a reader; perf_counter is one clock for all processes."""
    spawning = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker:
        cloud = CloudProcess(Path(name) / "data", broker.port, token_for="manager")
        with httpx.Client(base_url=cloud.url, headers={"Authorization": f"Bearer {cloud.token}"}) as client:
            task = _opened(cloud, client, broker.port)
            before = cloud.usage.rss_mib
            ours, theirs = spawning.Pipe()
            where = Where("127.0.0.1", urlsplit(cloud.url).port or 0, cloud.token, notes)
            process = spawning.Process(target=read, args=(where, readers, theirs))
            process.start()
            theirs.close()  # or its end would not be noticed
            assert ours.recv() == "all are here"
            wait_until(lambda: cloud.usage.cpu_percent_over(0.3) < 10, "the service has said all it had to")
            busy, asked = cloud.usage.cpu_s, []
            for n in range(notes):
                asked.append(time.perf_counter())
                client.post(f"/api/v1/tasks/{task}/notes", json={"text": f"note {n}"}).raise_for_status()
                time.sleep(every_s)  # The pace of the notes is what is measured at.
            arrivals = ours.recv()
            memory, busy = cloud.usage.rss_mib, cloud.usage.cpu_s - busy
            process.join()
        cloud.stop()
    taken = [(at - asked[n]) * 1000 for reader in arrivals for n, at in enumerate(reader)]
    return {
        "readers": readers,
        "notes": notes,
        **percentiles(taken),
        "processor_ms_per_note": round(busy * 1000 / notes, 1),
        "rss_mib": round(memory, 1),
        "rss_growth_mib": round(memory - before, 1),
    }


def _opened(cloud: CloudProcess, client: httpx.Client, broker_port: int) -> str:
    """The task that an alarm opened."""
    watcher = LiveWatcher(cloud.url, cloud.token)
    with WireNode(broker_port, NODE) as node:
        node.say(node.alarm(1, "access.forced-open", DOOR), "events")
        watcher.wait_for(DOOR)
    watcher.close()
    found = client.get("/api/v1/incidents", params={"estate": "example"}).raise_for_status().json()["items"]
    return next(task["id"] for task in found if task["hazard"] == "access.forced-open")


def measured(short: bool) -> dict[str, float]:
    """One reader, then a thousand."""
    one, many = measure(1, 50 if short else 200, 0.02), measure(1000, 5 if short else 20, 0.5)
    return {f"one_{key}": one[key] for key in ("p50_ms", "p99_ms")} | many


BENCH = Bench(
    "live-streams",
    "a note's request → 1,000 live streams on one process",
    measured,
    {"p99_ms": Bar(200), "rss_mib": Bar(150)},
)
