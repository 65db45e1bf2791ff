"""A live stream as a browser holds it, read on a bare socket: when each piece of equipment's alarm is there."""

from __future__ import annotations

import json
import socket
import threading
import time
from urllib.parse import urlsplit

from tests.bench.processes import wait_until

LIVE = "/api/v1/live?estate=example"


class LiveWatcher:
    """`seen`: equipment → perf_counter at which the line was read that says who has the task its alarm opened."""

    def __init__(self, url: str, token: str) -> None:
        where = urlsplit(url)
        self.seen: dict[str, float] = {}
        self._incidents: dict[str, str] = {}
        self._socket = socket.create_connection((where.hostname, where.port), timeout=10)
        ask = f"GET {LIVE} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n"
        self._socket.sendall(ask.encode())
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self._open.wait(10), "the live stream does not open"
        self._socket.settimeout(None)

    def _read(self) -> None:
        with self._socket.makefile("rb") as stream:
            assert stream.readline().startswith(b"HTTP/1.1 200"), "the live stream is refused"
            for line in stream:
                if line.startswith(b"event: beat"):
                    self._open.set()
                if line.startswith(b"data:") and (b"alert.fired" in line or b"task.routed" in line):
                    self._note(json.loads(line[5:]), time.perf_counter())

    def _note(self, line: dict, now: float) -> None:
        if line["kind"] == "alert.fired":
            self._incidents[line["incident_id"]] = line["data"]["equipment"]
        elif line["kind"] == "task.routed":
            self.seen.setdefault(self._incidents[line["incident_id"]], now)

    def wait_for(self, equipment: str, within_s: float = 30.0) -> float:
        wait_until(lambda: equipment in self.seen, f"the task of {equipment} on the stream", within_s)
        return self.seen[equipment]

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()
