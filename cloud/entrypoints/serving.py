"""The web server: one socket that is ours before anything starts, and a stop that ends every stream in order."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from cloud.entrypoints.crowd import Crowd, Room, files_wanted, room_in
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.patience import PatientProtocol
from cloud.errors import Unavailable

GRACE_S: Final = 5
"""How long requests may take to end after a stop; streams are ended at once."""


def claim(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Unavailable when the port is taken or the address is none of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's algorithm on: every answer would wait 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(room_in(files_wanted()).at_once)
    except OSError as error:
        listening.close()
        raise Unavailable(
            f"The board cannot be served at {host}:{port} ({os.strerror(error.errno) if error.errno else error}). "
            "Another Tocsin may be running already, or another program uses this port "
            f"(`ss -ltnp 'sport = :{port}'` names it): stop it, or choose another port with --port (TOCSIN_WEB__PORT)."
        ) from error
    return listening


class WebServer:
    """Serves the application on a claimed socket, in the caller's thread or in one of its own."""

    def __init__(
        self, app: FastAPI, listening: socket.socket, feeds: Feeds, failed: Callable[[], str | None], *,
        trusted: Iterable[str] = (), room: Room | None = None,
    ) -> None:  # fmt: skip
        """`trusted`: addresses and networks of proxies whose X-Forwarded-For is believed. `room`: by default what the system gives."""
        room = room or room_in(files_wanted())
        self.turns = 0
        self._feeds = feeds
        self._failed = failed
        self._listening = listening
        self._thread: threading.Thread | None = None
        self._log = structlog.get_logger("cloud.web")
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            http=partial(PatientProtocol, crowd=Crowd(room.most)),  # type: ignore[arg-type] # all that is asked of it is to be called
            backlog=room.at_once,
            ws="none",  # streams here are server-sent events; left to choose, the server loads what WebSockets need
            timeout_graceful_shutdown=GRACE_S,
            callback_notify=self._look,
            timeout_notify=1,
            server_header=False,
            forwarded_allow_ips=list(trusted),
        )
        self._server = _Server(config, feeds)

    def run(self) -> None:
        """Serves until a signal, `stop`, or a part of the process that has failed."""
        self._server.run(sockets=[self._listening])

    def start(self) -> None:
        self._thread = threading.Thread(target=self.run, name="web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(2 * GRACE_S)
        self._listening.close()

    async def _look(self) -> None:
        self.turns += 1
        failure = self._failed()
        if failure is not None:
            self._log.critical("a part of the process has ended; stopping, to be started anew", part=failure)
            self._server.should_exit = True


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, feeds: Feeds) -> None:
        super().__init__(config)
        self._feeds = feeds

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams never end by themselves: without this each would hold the stop up for the whole grace."""
        self._feeds.close()
        await super().shutdown(sockets)
