"""Engines of other houses as real processes on loopback, which can be stopped, killed, copied and emptied."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Final

import pytest

from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings
from cloud.application.timeseries import Mark
from tests.fakes.ports import own_port

TOKEN: Final = "made-for-one-test-run"
_PATIENCE_S: Final = 30.0


def ask(url: str, body: Any = None) -> str:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


class Server:
    """One server on one folder; `start` may be called again after `stop` or `kill`, and gets the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def settings(self) -> InfluxSettings:
        return InfluxSettings(url=self.url, token=TOKEN, org="tocsin", bucket="readings", timeout=10)

    def start(self) -> None:
        log_path = self.folder.with_suffix(".log")
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                ask(f"{self.url}/health")
            except OSError:
                assert self._process.poll() is None, log_path.read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def empty(self) -> None:
        """In its place stands a new one that has nothing."""
        self.stop()
        shutil.rmtree(self.folder)
        self.start()

    def copy(self) -> Path:
        """Of the folder, made while the server stands still."""
        self.stop()
        copy = self.folder.with_suffix(".copy")
        shutil.copytree(self.folder, copy)
        self.start()
        return copy

    def restore(self, copy: Path) -> None:
        self.kill()
        shutil.rmtree(self.folder)
        copy.rename(self.folder)
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_PATIENCE_S)
            self._process = None


class VictoriaServer(Server):
    """Keeps milliseconds, and every line that it is given, repeated ones as well; loses its last seconds when killed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        binary = shutil.which("victoria-metrics")
        if binary is None:
            pytest.skip("VICTORIAMETRICS NOT TESTED: install Debian's package victoria-metrics")
        self._binary: str = binary

    def command(self) -> list[str]:
        at = f"-httpListenAddr=127.0.0.1:{self.port}"
        return [self._binary, at, f"-storageDataPath={self.folder}", "-retentionPeriod=100y"]

    def projection(self) -> Victoria:
        return Victoria(self.settings())

    def marks(self) -> list[Mark]:
        """Of every reading it holds, repeated ones as often as it has them."""
        return _exported(self.url, 0, 4_102_444_800_000_000)


class Victoria(InfluxDb):
    """Written to in the line protocol as InfluxDB is; asked in its own way, which the cloud itself has no use for."""

    def count(self, start: int, end: int) -> int:
        return len(_exported(self._url, start, end))

    def held(self, start: int, end: int) -> set[Mark]:
        return set(_exported(self._url, start, end))


def _exported(url: str, start: int, end: int) -> list[Mark]:
    """Numbers and truth values with a time in [start, end), in whole milliseconds."""
    ask(f"{url}/internal/force_flush")
    query = urllib.parse.urlencode(
        {"match[]": '{__name__=~"reading_vb?"}', "start": start / 1e6, "end": (end - 1000) / 1e6}
    )
    marks: list[Mark] = []
    for series in map(json.loads, ask(f"{url}/api/v1/export?{query}").splitlines()):
        metric = series["metric"]
        kind = bool if metric["__name__"] == "reading_vb" else float
        marks += ((metric["estate"], metric["point"], ms * 1000, kind) for ms in series["timestamps"])
    return marks


class InfluxServer(Server):
    """InfluxDB 2, set up by itself with the token and organisation there were before."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        binary = os.environ.get("TOCSIN_TEST_INFLUXD") or shutil.which("influxd")
        if binary is None:
            pytest.skip("INFLUXDB'S LOSSES NOT TESTED: set TOCSIN_TEST_INFLUXD to the path of an influxd of version 2")
        self._binary: str = binary

    def command(self) -> list[str]:
        self.folder.mkdir(exist_ok=True)
        paths = [
            f"--bolt-path={self.folder}/influxd.bolt",
            f"--engine-path={self.folder}/engine",
            f"--sqlite-path={self.folder}/influxd.sqlite",
        ]
        return [self._binary, *paths, f"--http-bind-address=127.0.0.1:{self.port}", "--reporting-disabled"]

    def start(self) -> None:
        super().start()
        if json.loads(ask(f"{self.url}/api/v2/setup"))["allowed"]:
            admin = {"username": "test", "password": TOKEN, "org": "tocsin", "bucket": "other", "token": TOKEN}
            ask(f"{self.url}/api/v2/setup", admin)

    def projection(self) -> InfluxDb:
        return InfluxDb(self.settings())

    def marks(self) -> list[Mark]:
        engine = self.projection()
        try:
            return list(engine.held(0, 4_102_444_800_000_000))
        finally:
            engine.close()
