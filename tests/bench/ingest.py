"""Ingest with acknowledgement end to end, beside mosquitto_sub in the same run; and an event's way to the live stream.

Each round starts a broker, lets mosquitto_sub (C, discards) take the load, then a real cloud process, which validates,
stores durably and acknowledges. Load, broker and program share the machine.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import replace
from pathlib import Path

import httpx

from cloud.bootstrap import open_state
from cloud.domain.names import Names
from cloud.domain.register import Equipment, EquipmentKind
from cloud.settings import load_settings
from tests.bench.mqtt_load import ESTATE
from tests.fakes.estate import HOME, description
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.wire_node import WireNode

EVENTS = 200
TELEMETRY_RATE = 1000
_DOOR = re.compile(r"b1/door-(\d+)")


class CloudProcess:
    """`python -m cloud run` on a directory of its own."""

    def __init__(self, folder: Path, broker_port: int, token_for: str | None = None):
        self.token = ""
        settings = load_settings(data=folder)
        state = open_state(settings)
        doors = tuple(
            Equipment(f"b1/door-{n}", EquipmentKind.ACCESS_GATE, f"{HOME}/b1", Names(f"门{n}", f"Door {n}"))
            for n in range(EVENTS)
        )
        state.load_estate(replace(description(), equipment=doors))
        if token_for:
            self.token = state.sign_in.issue_api_token(token_for).token
        state.close()
        command = [
            sys.executable,
            "-m",
            "cloud",
            "run",
            "--data",
            str(folder),
            "--port",
            "0",
            "--broker-port",
            str(broker_port),
        ]
        self._process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        self.url = next(word for word in self._process.stdout.readline().split() if word.startswith("http"))
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        deadline = time.monotonic() + 20
        while not self._ready():
            assert time.monotonic() < deadline, "the cloud did not become ready"
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def figures(self) -> dict:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        ticks = Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return {
            "rss_mib": round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1),
            "cpu_s": (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"),
        }

    def stop(self):
        self._process.terminate()
        self._process.wait(20)
        self._process.stdout.close()


def load(port: int, readings: int, messages: int, *extra: str) -> dict:
    command = [sys.executable, "-m", "tests.bench.mqtt_load", "--port", str(port), "--readings", str(readings)]
    done = subprocess.run([*command, "--messages", str(messages), *extra], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def subscriber(port: int, readings: int, messages: int) -> float:
    """Messages a second through mosquitto_sub."""
    topic = f"tocsin/v1/{ESTATE}/+/telemetry"
    sub = subprocess.Popen(
        ["mosquitto_sub", "-p", str(port), "-t", topic, "-q", "1", "-C", str(messages)], stdout=subprocess.DEVNULL
    )
    time.sleep(0.3)  # it has no way of saying that it has subscribed
    began = load(port, readings, messages, "--broker-only")["began_at"]
    sub.wait(60)
    return messages / (time.time() - began)


def one_round(readings: int, messages: int) -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder).start()
        try:
            peer = subscriber(broker.port, readings, messages)
            cloud = CloudProcess(folder / "data", broker.port)
            idle = cloud.figures()["cpu_s"]
            result = load(broker.port, readings, messages)
            figures = cloud.figures()
            cloud.stop()
        finally:
            broker.kill()
    assert result["acknowledged"] == messages, result
    return {
        "mosquitto_sub": peer,
        "messages_per_s": result["rate"],
        "readings_per_s": result["rate"] * readings,
        "ratio": result["rate"] / peer,
        "cpu_us_per_message": (figures["cpu_s"] - idle) / messages * 1e6,
        "rss_mib": figures["rss_mib"],
    }


def event_latency() -> dict:
    """Milliseconds from an event's publication to its task on a live stream, under TELEMETRY_RATE messages a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder).start()
        cloud = CloudProcess(folder / "data", broker.port, token_for="manager")
        seen: dict[int, float] = {}
        stop = threading.Event()
        open_ = threading.Event()

        def watch():
            headers = {"Authorization": f"Bearer {cloud.token}"}
            with httpx.stream("GET", f"{cloud.url}{LIVE}", headers=headers, timeout=30) as stream:
                stream.raise_for_status()
                for line in stream.iter_lines():
                    open_.set()
                    if line.startswith("data:") and '"alert.fired"' in line and (door := _DOOR.search(line)):
                        seen.setdefault(int(door[1]), time.perf_counter())
                    if stop.is_set():
                        return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        assert open_.wait(10), "the live stream does not open"
        background = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.mqtt_load", "--port", str(broker.port), "--rate", str(TELEMETRY_RATE)]  # noqa: RUF005 - one line an option
            + ["--messages", str(TELEMETRY_RATE * 12)],
            stdout=subprocess.DEVNULL,
        )
        time.sleep(1)  # the load is to be steady before the first event
        said: dict[int, float] = {}
        acknowledged: dict[int, float] = {}
        with WireNode(broker.port, "b1-node") as node:
            for n in range(EVENTS):
                payload = node.alarm(n + 1, "access.forced-open", f"b1/door-{n}")
                said[n] = time.perf_counter()
                node.say(payload, "events")
                until = time.perf_counter() + 0.04 + (uuid.uuid4().int % 10) / 1000
                while (left := until - time.perf_counter()) > 0:
                    node.listen(left)
                    if n + 1 in node.acknowledged("events"):
                        acknowledged.setdefault(n, time.perf_counter())
            node.hear(*range(1, EVENTS + 1), stream="events")
        deadline = time.monotonic() + 5
        while len(seen) < EVENTS and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()
        background.terminate()
        background.wait()
        figures = cloud.figures()
        cloud.stop()
        broker.kill()
    took = sorted((seen[n] - at) * 1000 for n, at in said.items() if n in seen)
    return {
        "acknowledged_p50_ms": statistics.median((at - said[n]) * 1000 for n, at in acknowledged.items()),
        "events": len(took),
        "of": EVENTS,
        "p50_ms": statistics.median(took),
        "p99_ms": took[int(len(took) * 0.99) - 1],
        "max_ms": took[-1],
        "rss_mib": figures["rss_mib"],
    }


LIVE = "/api/v1/live?estate=example"


def measure(rounds: int, messages: int, parts: list[str]) -> dict:
    results: dict = {}
    for readings in [int(part) for part in parts if part.isdigit()]:
        runs = [one_round(readings, messages if readings == 4 else messages // 2) for _ in range(rounds)]
        print(f"{readings} readings a message: done", file=sys.stderr)
        results[f"{readings} readings a message"] = {
            key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]
        }
    if "event" in parts:
        results["event to live stream"] = {key: round(value, 2) for key, value in event_latency().items()}
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--parts", nargs="+", default=["4", "20", "event"], choices=["4", "20", "event"])
    given = parser.parse_args()
    assert shutil.which("mosquitto_sub"), "mosquitto_sub is missing; `make test-tools` installs it"
    results = measure(given.rounds, given.messages, given.parts)
    if given.json:
        print(json.dumps(results, indent=1))
        return
    for title, figures in results.items():
        print(title)
        for key, value in figures.items():
            print(f"  {key:22} {value:>12,}")


if __name__ == "__main__":
    main()
