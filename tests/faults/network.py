"""A network between a client and the broker that can be cut, slow, dead, or unfaithful to the order of MQTT packets."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, Self

PUBLISH = 0x30
_QOS = 0x06
_DUP = 0x08


class Network:
    """Listens on `port` and leads to the broker. All verbs may be called from the test's thread, at any moment."""

    def __init__(self, to_port: int, seed: int = 0) -> None:
        self._to_port = to_port
        self._chance = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_up = True
        self._delay_s = 0.0
        self._unfaithful = 0.0
        self.duplicated = self.swapped = self.cuts = 0
        self._thread = threading.Thread(target=self._loop.run_forever, name="network")

    def __enter__(self) -> Self:
        self._thread.start()
        server = self._do(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self._server = server
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Every connection is reset, and none is let through, until `mend`."""
        self._is_up = False
        self.cuts += 1
        self._loop.call_soon_threadsafe(self._reset)

    def die(self) -> None:
        """Half-open: connections seem to stand and nothing arrives on either side, until `mend`; then all of it does."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def slow(self, delay_s: float) -> None:
        """Everything takes so long each way."""
        self._delay_s = delay_s

    def distort(self, share: float) -> None:
        """This share of messages (PUBLISH) is delivered twice, and as many are overtaken by the next."""
        self._unfaithful = share

    def mend(self) -> None:
        """As if nothing had been."""
        self._is_up, self._delay_s, self._unfaithful = True, 0.0, 0.0
        self._loop.call_soon_threadsafe(self._flows.set)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _end(self) -> None:
        self._server.close()
        self._reset()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _reset(self) -> None:
        for writer in tuple(self._lines):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._is_up:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        for source, target in ((reader, there_writer), (there_reader, writer)):
            task = asyncio.create_task(self._carry(source, target, (writer, there_writer)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, both: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        self._lines.update(both)
        held = b""
        packets = _Packets()
        try:
            while data := await source.read(65536):
                out = b""
                for packet in packets.cut(data):
                    now, held = self._distorted(packet, held)
                    out += now
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                await self._flows.wait()
                target.write(out)
                await target.drain()
                if held and not self._unfaithful:
                    target.write(held)
                    held = b""
        except OSError:
            pass
        finally:
            for writer in both:
                self._lines.discard(writer)
                writer.transport.abort()

    def _distorted(self, packet: bytes, held: bytes) -> tuple[bytes, bytes]:
        """What of the packet held back and of this one is sent on now, and what is held back from now on."""
        if packet[0] & 0xF0 != PUBLISH or not packet[0] & _QOS or not self._unfaithful:
            return packet, held
        if held:
            self.swapped += 1
            return packet + held, b""
        if self._chance.random() < self._unfaithful:
            return b"", packet
        if self._chance.random() < self._unfaithful:
            self.duplicated += 1
            return packet + bytes([packet[0] | _DUP]) + packet[1:], b""
        return packet, b""


class _Packets:
    """Cuts a stream into MQTT packets (MQTT 3.1.1, 2.2)."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while (end := self._end()) is not None:
            packet, self._rest = self._rest[:end], self._rest[end:]
            yield packet

    def _end(self) -> int | None:
        length = shift = 0
        for place, digit in enumerate(self._rest[1:5], 1):
            length |= (digit & 0x7F) << shift
            shift += 7
            if not digit & 0x80:
                end = place + 1 + length
                return end if end <= len(self._rest) else None
        return None


@contextlib.contextmanager
def networks(to_port: int, count: int, seed: int = 0) -> Iterator[list[Network]]:
    """Several ways to one broker, each with troubles of its own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Network(to_port, seed + number)) for number in range(count)]
