"""Loopback ports for programs that are told theirs before they start, which nobody else is given meanwhile."""

from __future__ import annotations

import atexit
import socket
from contextlib import ExitStack

_kept = ExitStack()
atexit.register(_kept.close)


def own_ports(count: int) -> list[int]:
    """Different ports that belong to these tests until they end.

    A port that was merely free a moment ago is soon another test's, or the near end of a connection. Here a socket stays
    bound to it, so that the system gives it to nobody; it never listens, so whoever binds with SO_REUSEADDR, as servers
    do, may listen there, stop and come again. As long as nobody does, connections are refused.
    """
    sockets = [_kept.enter_context(socket.socket()) for _ in range(count)]
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind(("127.0.0.1", 0))
    return [one.getsockname()[1] for one in sockets]


def own_port() -> int:
    return own_ports(1)[0]
