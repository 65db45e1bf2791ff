"""From a commit to the readers of the live stream: one reader, and a thousand on one process."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from cloud.__main__ import SWITCH_S, _calm_the_collector, _leave_rich_out, _share_one_heap
from tests.bench.figures import Bar, Bench, percentiles

DEADLINE_S = 120.0


class Where(NamedTuple):
    """What to follow: from `since` on, until `stop` events have come."""

    host: str
    port: int
    token: str
    since: int
    stop: int


async def follow(where: Where, arrivals: list[float]) -> None:
    """A bare reader of the stream: the time at which each event's first byte is here."""
    reader, writer = await asyncio.open_connection(where.host, where.port)
    ask = f"GET /api/v1/live?since={where.since} HTTP/1.1\r\nHost: {where.host}\r\nAuthorization: Bearer {where.token}"
    writer.write(f"{ask}\r\n\r\n".encode())
    taken = 0
    while taken < where.stop:
        line = await reader.readline()
        if line.startswith(b"id: "):
            arrivals.append(time.perf_counter())
            taken += 1
    writer.close()


def read(where: Where, readers: int, pipe) -> None:
    """In a process of its own, so that reading costs the service nothing but its share of the machine."""

    async def all_of_them() -> list[list[float]]:
        arrivals: list[list[float]] = [[] for _ in range(readers)]
        tasks = []
        for n in range(readers):
            tasks.append(asyncio.create_task(follow(where, arrivals[n])))
            if n % 50 == 49:
                await asyncio.sleep(0.05)
        pipe.send("connecting")
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.gather(*tasks)
        return arrivals

    pipe.send(asyncio.run(all_of_them()))


def measure(readers: int, commits: int, every_s: float) -> dict[str, float]:
    """Milliseconds from the return of the commit to the event at a reader; perf_counter is one clock for all processes."""
    # Here, so that the process can be set up before as `python -m cloud run` does.
    from tests.integration.cloud_web.house import built_in
    from tests.integration.cloud_web.serving import served

    with tempfile.TemporaryDirectory() as folder, built_in(Path(folder)) as house, served(house) as address:
        host, port = address.removeprefix("http://").split(":")
        task, token = house.goes_wrong("access.forced-open", "b5/north-gate"), house.api_token_of("manager")
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        where = Where(host, int(port), token, house.services.queries.ledger_head("example", None).seq, commits)
        # As `python -m cloud run` does: without it a full pass of the collector over a test's heap, a quarter of a second
        # with a thousand streams open, is taken for the service's.
        sys.setswitchinterval(SWITCH_S)
        _calm_the_collector()
        process = multiprocessing.get_context("spawn").Process(target=read, args=(where, readers, theirs))
        process.start()
        ours.recv()
        wait_for_streams(readers)
        before, busy = psutil.Process().memory_info().rss, sum(psutil.Process().cpu_times()[:2])
        committed = []
        for n in range(commits):
            house.services.act.note(task, "manager", f"note {n}")
            committed.append(time.perf_counter())
            time.sleep(every_s)
        arrivals = ours.recv()
        memory, busy = psutil.Process().memory_info().rss, sum(psutil.Process().cpu_times()[:2]) - busy
        process.join()
    taken = [(at - committed[n]) * 1000 for reader in arrivals for n, at in enumerate(reader)]
    return {
        "readers": readers,
        "commits": commits,
        **percentiles(taken),
        "processor_ms_per_commit": round(busy * 1000 / commits, 1),
        "rss_mib": round(memory / 2**20, 1),
        "rss_growth_mib": round((memory - before) / 2**20, 1),
    }


def wait_for_streams(readers: int, deadline_s: float = 60.0) -> None:
    """Until so many connections stand and have said all they had to."""
    me, end = psutil.Process(), time.monotonic() + deadline_s
    while time.monotonic() < end:
        standing = sum(c.status == "ESTABLISHED" for c in me.net_connections("tcp"))
        if standing >= readers:
            break
        time.sleep(0.1)
    idle, last = 0, sum(me.cpu_times()[:2])
    while idle < 3 and time.monotonic() < end:
        time.sleep(0.2)
        used = sum(me.cpu_times()[:2])
        idle, last = (idle + 1 if used - last < 0.02 else 0), used


def measured(short: bool) -> dict[str, float]:
    """One reader, then a thousand: each service in a process that has done nothing else, for its memory is measured."""
    one, many = _apart(1, 50 if short else 200, 0.02), _apart(1000, 5 if short else 20, 0.5)
    return {f"one_{key}": one[key] for key in ("p50_ms", "p99_ms")} | many


def _apart(readers: int, commits: int, every_s: float) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.live_stream", *map(str, (readers, commits, every_s))]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


BENCH = Bench(
    "live-streams",
    "commit → 1,000 live streams on one process",
    measured,
    {"p99_ms": Bar(200), "rss_mib": Bar(150)},
)

if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    _leave_rich_out()  # both as `python -m cloud run` does before it starts a thread
    _share_one_heap()
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
