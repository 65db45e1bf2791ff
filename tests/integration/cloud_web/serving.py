"""The application on a real server of its own port, in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from cloud.entrypoints.app import create_app
from cloud.entrypoints.pace import Pace
from tests.integration.cloud_web.house import House

DEADLINE_S = 10.0

UNHURRIED = Pace(known=10**6, unknown=10**6)
"""Who tries every door with every wrong key asks more in a minute than anybody may; tests/unit/cloud/entrypoints/test_pace.py
holds the pace itself.
"""


@contextmanager
def served(house: House, port: int = 0) -> Iterator[str]:
    """The address at which the house's service answers, until the context is left. Port 0: any that is free."""
    app = create_app(house.services, pace=UNHURRIED)
    config = uvicorn.Config(app, log_level="error", lifespan="on", ws="none", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="web server")
        thread.start()
        deadline = time.monotonic() + DEADLINE_S
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert server.started, "the server did not start"
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            house.feeds.close()
            server.should_exit = True
            thread.join(DEADLINE_S)
            assert not thread.is_alive(), "the server did not stop"
