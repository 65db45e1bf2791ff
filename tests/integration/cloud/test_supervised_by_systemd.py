"""The cloud as a process that systemd started: ready, alive, stopping, on a real socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.ports import own_ports

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


def _drain(heard: socket.socket) -> None:
    """Hears what was said before it stood still, and whatever else comes; raises TimeoutError at silence."""
    while heard.recv(100):
        pass


def test_it_says_that_it_is_ready_lives_and_stops(tmp_path):
    web, broker = own_ports(2)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(30)
        environment = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "600000"}
        process = subprocess.Popen(
            [sys.executable, "-m", "cloud", "run", "--data", str(tmp_path / "data"), "--port", str(web),
             "--broker-port", str(broker)],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            said = [heard.recv(100) for _ in range(3)]
            # There is no broker: that is said, and no reason to be started anew.
            assert said == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            process.send_signal(signal.SIGSTOP)
            heard.settimeout(1.5)
            with pytest.raises(TimeoutError):
                _drain(heard)
            process.send_signal(signal.SIGCONT)
            process.terminate()
            heard.settimeout(10)
            while heard.recv(100) != b"STOPPING=1":
                pass
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()
