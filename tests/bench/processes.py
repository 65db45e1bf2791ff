"""Cloud and node as processes of their own, as in production, and what they take of the machine."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from cloud.bootstrap import open_state
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.register import Equipment, EquipmentKind
from cloud.settings import load_settings
from firmware_sim.board import VirtualBoard
from firmware_sim.pigpio_server import served_in_thread
from tests.fakes.estate import HOME, description
from tests.fakes.mosquitto import Mosquitto

NODE = "b1-node"
DETECTORS = 300
PINS = (4, 5, 6, *range(12, 28))
"""GPIO lines that are not SPI's."""


_started: list[subprocess.Popen] = []


@atexit.register
def _end_what_is_left() -> None:
    """A bench that fails or is interrupted leaves no program behind that would sway the next one."""
    for process in _started:
        if process.poll() is None:
            process.kill()


class Usage:
    """What a process takes, from /proc."""

    def __init__(self, pid: int) -> None:
        self._pid = pid

    @property
    def rss_mib(self) -> float:
        return self._status("VmRSS")

    @property
    def highest_rss_mib(self) -> float:
        return self._status("VmHWM")

    @property
    def cpu_s(self) -> float:
        ticks = Path(f"/proc/{self._pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_percent_over(self, seconds: float) -> float:
        """Of one core. In ticks of 10 ms: over 20 s a tick is 0.05 %."""
        cpu, began = self.cpu_s, time.monotonic()
        time.sleep(seconds)
        return (self.cpu_s - cpu) / (time.monotonic() - began) * 100

    def _status(self, key: str) -> float:
        return int(Path(f"/proc/{self._pid}/status").read_text().split(f"{key}:")[1].split()[0]) / 1024


class CloudProcess:
    """`python -m cloud run` on a directory of its own, with the example estate and enough equipment to alarm."""

    def __init__(self, folder: Path, broker_port: int, token_for: str | None = None) -> None:
        self.token = ""
        state = open_state(load_settings(data=folder))
        state.load_estate(_estate())
        if token_for:
            self.token = state.sign_in.issue_api_token(token_for).token
        state.close()
        command = [
            "-m",
            "cloud",
            "run",
            "--data",
            folder,
            "--port",
            "0",
            "--broker-port",
            broker_port,
            "--console-answers",
        ]
        self._process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        _started.append(self._process)
        assert self._process.stdout is not None
        self.url = next(word for word in self._process.stdout.readline().split() if word.startswith("http"))
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        self.usage = Usage(self._process.pid)
        wait_until(self._ready, "the cloud is ready")

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


class NodeProcess:
    """`python -m edge run` on a virtual board. `began`: perf_counter at which the process was asked for."""

    def __init__(self, folder: Path, broker_port: int, board_port: int, equipment: str) -> None:
        config = folder / "node.toml"
        config.write_text(
            f'[node]\nestate = "example"\nname = "{NODE}"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {broker_port}\n'
            '[outbox]\npath = "outbox.db"\n'
            f'[board]\npin_factory = "pigpio"\nport = {board_port}\n'
            '[clock]\ntrust = "always"\n'
            f"[config]\nversion = 1\n{equipment}",
            encoding="utf-8",
        )
        self.began = time.perf_counter()
        self._log = (folder / "node.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", str(config)], stdout=self._log, stderr=self._log
        )
        _started.append(self._process)
        self.usage = Usage(self._process.pid)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


def call_points(first: int) -> str:
    """A detector on every free line, each the call point of a building of its own: fire alarms go by building. No
    debouncing, which is the contact's and not the program's.
    """
    assert first + len(PINS) <= DETECTORS, "the estate has no such detectors"
    return "".join(
        f'[[config.equipment]]\nkind = "smoke_detector"\nid = "h{first + n}/call"\n'
        f"call_point = {{ pin = {pin}, debounce_ms = 0 }}\n"
        for n, pin in enumerate(PINS)
    )


def _estate():
    doors = [
        Equipment(f"b1/door-{n}", EquipmentKind.ACCESS_GATE, f"{HOME}/b1", Names(f"门{n}", f"Door {n}"))
        for n in range(DETECTORS)
    ]
    houses = [Place(f"{HOME}/h{n}", PlaceKind.BUILDING, Names(f"{n}栋", f"House {n}")) for n in range(DETECTORS)]
    points = [
        Equipment(f"h{n}/call", EquipmentKind.SMOKE_DETECTOR, f"{HOME}/h{n}", Names(f"手报{n}", f"Call point {n}"))
        for n in range(DETECTORS)
    ]
    base = description()
    return replace(base, places=(*base.places, *houses), equipment=(*base.equipment, *doors, *points))


@contextmanager
def brokered(folder: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder).start()
    try:
        yield broker
    finally:
        broker.kill()


@contextmanager
def virtual_board() -> Iterator[tuple[VirtualBoard, int]]:
    """A board in this process whose lines all stand open, and its port."""
    board = VirtualBoard()
    with served_in_thread(board) as (server,):
        yield board, server.port


@contextmanager
def telemetry(broker_port: int, rate: int) -> Iterator[None]:
    """So many messages a second from fifty nodes, for as long as it is open; steady when this begins."""
    command = ["-m", "tests.bench.mqtt_load", "--port", broker_port, "--rate", rate, "--messages", rate * 300]
    load = subprocess.Popen([sys.executable, *map(str, command)], stdout=subprocess.DEVNULL)
    time.sleep(3)  # Its fifty connections are made, and the rate is even.
    try:
        assert load.poll() is None, "the load has ended"
        yield
    finally:
        load.terminate()
        load.wait()


def wait_until(condition, what: str, within_s: float = 20.0, programs: Sequence[subprocess.Popen] = ()) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        assert all(program.poll() is None for program in programs), f"a program ended while waiting for: {what}"
        time.sleep(0.01)
