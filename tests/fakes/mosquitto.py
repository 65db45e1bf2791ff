"""A real mosquitto on a free loopback port, to be started, killed and started again."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.mosquitto_setup import PLUGINS, BrokerSetup
from tests.fakes.ports import own_port

BINARY = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Mosquitto:
    """`max_queued` messages wait for a slow subscriber; what comes beyond is dropped, as everywhere.

    `persistent`: it keeps a store, as in production, until `lose_store`.
    """

    def __init__(self, folder: Path, *, max_queued: int = 100_000, persistent: bool = False):
        if not Path(BINARY).exists():
            pytest.fail("mosquitto is not installed; `make test-tools` installs it")
        self.port = own_port()
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 1000\n"
            f"max_queued_messages {max_queued}\nset_tcp_nodelay true\n"
        )
        self._store = folder / "mosquitto.db"
        if persistent:
            with self._config.open("a") as config:
                config.write(f"persistence true\npersistence_location {folder}/\nautosave_interval 1\n")
                if os.geteuid() == 0:
                    # Otherwise it becomes another user, who may not write here.
                    config.write("user root\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self):
        self._process = subprocess.Popen(
            [BINARY, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < deadline, "mosquitto does not listen"
                time.sleep(0.02)
            else:
                return self

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def reload(self):
        """As `systemctl reload mosquitto` does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def lose_store(self):
        """What it kept is gone: retained messages, sessions, whatever was queued."""
        self._store.unlink(missing_ok=True)


class GuardedMosquitto(Mosquitto):
    """As `tocsin broker setup` configures it: certificates of the cloud's authority, an access list that the cloud keeps."""

    def __init__(self, folder: Path, authority, *, worker: str = "cloud-1"):
        super().__init__(folder)
        self.folder = folder / "broker"
        plugin = next((Path(path) for path in PLUGINS if Path(path).exists()), None)
        assert plugin is not None, "mosquitto has no dynamic security plugin; Debian's has"
        user = pwd.getpwuid(os.geteuid()).pw_name
        self.setup = BrokerSetup(
            self.folder, ("127.0.0.1", "localhost"), self.port, worker, plugin, user=user, listen="127.0.0.1"
        )
        self.setup.write(authority, datetime.now(UTC))
        self._config = self.folder / "tocsin.conf"
