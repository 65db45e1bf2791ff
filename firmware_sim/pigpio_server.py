"""A virtual board's socket: pigpiod's protocol on loopback, so that an unmodified gpiozero drives it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from firmware_sim import pigpio_protocol as protocol
from firmware_sim.board import Undo, VirtualBoard
from firmware_sim.errors import PortInUseError
from firmware_sim.pigpio_commands import BoardCommands
from firmware_sim.pigpio_protocol import Command, Error, Reply, Request

_MAX_UNSENT: Final = 1 << 20
"""A client that reads no notifications for this many bytes (87,000 edges) is hung up on, as pigpiod closes its pipe."""
_SETTLE_SLACK_S: Final = 0.0002


@dataclass(slots=True)
class _Notification:
    """One client's subscription; `told` is what it believes bank 1 to look like."""

    client: _Client
    told: int
    mask: int = 0
    sequence: int = 0

    def report(self, tick: int, levels: int) -> None:
        self.client.unsent += protocol.report(self.sequence, tick, levels)
        self.told = levels
        self.sequence += 1


@dataclass(slots=True, eq=False)
class _Client:
    writer: asyncio.StreamWriter
    unsent: bytearray = field(default_factory=bytearray)
    handles: list[int] = field(default_factory=list)


class BoardServer:
    """Serves one board. Lives on one asyncio loop; the board's verbs may come from other threads.

    `await server.start()` gives the port; `cut()` drops every connection as a pulled cable does, and lets clients
    connect again; `await server.stop()` closes the board's socket for good.

    `ticks_pass`: the board's ticks pass by themselves, and its filters are settled by timers here. Otherwise whoever
    moves the ticks calls `board.settle()`.
    """

    def __init__(self, board: VirtualBoard, *, ticks_pass: bool = True) -> None:
        self.board = board
        self._ticks_pass = ticks_pass
        self.port = 0
        self.told = 0
        """Edges that clients were told of so far."""
        self._commands = BoardCommands(board)
        self._clients: set[_Client] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self._notifications: dict[int, _Notification] = {}
        self._server: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unwatch: Undo | None = None
        self._settling: asyncio.TimerHandle | None = None
        self._flushing = False

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; 0 takes a free port."""
        self._loop = asyncio.get_running_loop()
        try:
            self._server = await asyncio.start_server(self._serve, host, port)
        except OSError as error:
            raise PortInUseError(host, port, f"board {self.board.name}") from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._unwatch = self.board.watch(self._on_edges, self._on_due)
        return self.port

    async def stop(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
            self._unwatch = None
        if self._settling is not None:
            self._settling.cancel()
        if self._server is not None:
            self._server.close()
            self._drop_clients()
            await self._server.wait_closed()
            self._server = None
        if self._handlers:
            # Each ends on its own now; asyncio would complain of one cancelled in the middle of a read.
            await asyncio.wait(self._handlers)

    def cut(self) -> None:
        """Drop every connection now, from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._drop_clients)

    @property
    def connections(self) -> int:
        return len(self._clients)

    # -- a connection ------------------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.current_task()
        assert handler is not None
        self._handlers.add(handler)
        handler.add_done_callback(self._handlers.discard)
        client = _Client(writer)
        self._clients.add(client)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._answer_one(client, reader):
                    pass
        finally:
            self._clients.discard(client)
            self._forget(client)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer_one(self, client: _Client, reader: asyncio.StreamReader) -> bool:
        header = await reader.readexactly(protocol.HEADER.size)
        length = protocol.extension_length(header)
        if length > protocol.MAX_EXTENSION:
            return False
        request = protocol.decode(header, await reader.readexactly(length))
        reply = self._notify(client, request) or self._commands.execute(request)
        with self.board.lock:
            client.unsent += protocol.encode(request, reply)
        self._flush()
        await client.writer.drain()
        return True

    # -- notifications -----------------------------------------------------------------------------------------------

    def _notify(self, client: _Client, request: Request) -> Reply | None:
        """The commands that open, aim and close a notification; None for any other."""
        match request.command:
            case Command.NOIB:
                handle = next(free for free in range(len(self._notifications) + 1) if free not in self._notifications)
                self._notifications[handle] = _Notification(client, self.board.reported_bank())
                client.handles.append(handle)
                return Reply(handle)
            case Command.NB | Command.NP | Command.NC if request.p1 not in self._notifications:
                return Reply(Error.BAD_HANDLE)
            case Command.NB:
                self._aim(self._notifications[request.p1], request.p2)
            case Command.NP:
                self._notifications[request.p1].mask = 0
            case Command.NC:
                del self._notifications[request.p1]
            case _:
                return None
        return Reply(0)

    def _aim(self, notification: _Notification, mask: int) -> None:
        """Watch these lines, and say at once where they differ from what the client last heard.

        gpiozero pulls a line up after it connected and before it asks for notifications: python's pigpio client would
        hold the old level and swallow the first real edge, the closing of an alarm relay. With a real pigpiod it does.
        """
        with self.board.lock:
            notification.mask = mask
            levels = self.board.reported_bank()
            if (levels ^ notification.told) & mask:
                notification.report(self.board.now(), levels)

    def _on_edges(self, tick: int, levels: int, changed: int) -> None:
        """With the board held, so that reports of all threads stand in one order."""
        for notification in list(self._notifications.values()):
            if notification.mask & changed:
                notification.report(tick, levels)
                self.told += 1
        if self._loop is not None and not self._flushing:
            self._flushing = True
            self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        with self.board.lock:
            self._flushing = False
            for client in self._clients:
                if client.unsent and not client.writer.is_closing():
                    client.writer.write(bytes(client.unsent))
                client.unsent.clear()
                if client.writer.transport.get_write_buffer_size() > _MAX_UNSENT:
                    client.writer.transport.abort()

    def _forget(self, client: _Client) -> None:
        for handle in client.handles:
            notification = self._notifications.get(handle)
            if notification is not None and notification.client is client:
                del self._notifications[handle]

    def _drop_clients(self) -> None:
        for client in list(self._clients):
            self._forget(client)
            client.writer.transport.abort()

    # -- filters -----------------------------------------------------------------------------------------------------

    def _on_due(self) -> None:
        if self._ticks_pass and self._loop is not None:
            self._loop.call_soon_threadsafe(self._schedule_settling)

    def _schedule_settling(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        due = self.board.due()
        if due is not None and self._loop is not None and self._server is not None:
            delay = max(due - self.board.now(), 0) / 1e6 + _SETTLE_SLACK_S
            self._settling = self._loop.call_later(delay, self._settle)

    def _settle(self) -> None:
        self._settling = None
        self.board.settle()
        self._schedule_settling()


@contextlib.contextmanager
def served_in_thread(*boards: VirtualBoard) -> Iterator[list[BoardServer]]:
    """Serve boards from a thread of their own, for callers that block (gpiozero does); yields the started servers."""
    loop = asyncio.new_event_loop()
    servers = [BoardServer(board) for board in boards]
    thread = threading.Thread(target=loop.run_forever, name="virtual-boards", daemon=True)
    thread.start()

    async def each(start: bool) -> None:
        for server in servers:
            await (server.start() if start else server.stop())

    try:
        asyncio.run_coroutine_threadsafe(each(start=True), loop).result()
        yield servers
    finally:
        asyncio.run_coroutine_threadsafe(each(start=False), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
