"""sd_notify by a plain datagram: ready, alive, stopping. Does nothing where systemd did not start us."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping


class Systemd:
    """Speaks to the socket in NOTIFY_SOCKET; a leading '@' is an abstract name (sd_notify(3))."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        wanted = environment.get("WATCHDOG_USEC", "")
        # A third of the limit: one look that has to wait for an answer costs no restart.
        self.every_s = int(wanted) / 3e6 if wanted.isdigit() and int(wanted) > 0 else None

    @property
    def listens(self) -> bool:
        return bool(self._address)

    def ready(self) -> None:
        self._say("READY=1")

    def alive(self) -> None:
        self._say("WATCHDOG=1")

    def stopping(self) -> None:
        self._say("STOPPING=1")

    def _say(self, state: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        # A supervisor that does not listen is no reason to stop watching over buildings.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(address)
            channel.sendall(state.encode())
