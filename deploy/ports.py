"""Loopback ports: whether one is free, and which are."""

from __future__ import annotations

import socket

from deploy.errors import PortInUse


def require_free(what: str, port: int, option: str) -> None:
    """Raise PortInUse where another program listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortInUse(what, port, option) from error


def free_ports(count: int) -> list[int]:
    """`count` different ports that were free on loopback a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
