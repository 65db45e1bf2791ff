"""Simulated time in another program's hands: it names the tick to go to, and hears when the estate is there."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable
from typing import Final

from firmware_sim.errors import PortInUseError

GOAL: Final = struct.Struct("!Q")
"""The question: the tick to go to, counted from the estate's beginning; 0 asks whether it can begin."""
ARRIVED: Final = struct.Struct("!QQ")
"""The answer: the tick, and the boards (1, 2, 4 … in the order of the nodes) that told edges on the way to it."""
MARK_LINE: Final = 31
"""Wired to nothing on a Pi's header. It moves after a tick's edges: whoever has heard of it has heard of all of them."""


class TimeServer:
    """`advance` takes the estate to a tick and returns what is answered. Nothing is answered before `begin`."""

    def __init__(self, advance: Callable[[int], tuple[int, int]]) -> None:
        self.port = 0
        self._advance = advance
        self._begun = asyncio.Event()
        self._connections: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; 0 takes a free port."""
        try:
            self._server = await asyncio.start_server(self._serve, host, port)
        except OSError as error:
            raise PortInUseError(host, port, "the time") from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        if self._server is not None:
            self._begun.set()
            self._server.close()
            for writer in self._connections:
                writer.close()
            await self._server.wait_closed()
            self._server = None
        if self._handlers:
            # Each ends on its own now; asyncio would complain of one cancelled in the middle of a read.
            await asyncio.wait(self._handlers)

    def begin(self) -> None:
        """From now on the estate's time may pass."""
        self._begun.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)
        self._connections.add(writer)
        await self._begun.wait()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (goal,) = GOAL.unpack(await reader.readexactly(GOAL.size))
                there = self._advance(goal)
                # One turn for the boards' sockets: what happened until this tick is told before it is said to be over.
                await asyncio.sleep(0)
                writer.write(ARRIVED.pack(*there))
                await writer.drain()
        self._connections.discard(writer)
        writer.close()
