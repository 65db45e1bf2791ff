"""The moving end of each estate's ledger, read once per commit and handed to every open stream from one ring."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from typing import Final, Protocol

from anyio import CapacityLimiter, to_thread
from fastapi.sse import format_sse_event

from cloud.domain.ledger import Entry

RING: Final = 1024
"""Entries kept in memory per estate; a stream further behind reads the ledger itself."""

CHUNK: Final = 256
"""Entries read from the ledger at a time."""

LOOK_AGAIN_S: Final = 1.0
"""Another process may have committed without this one being told; so the ledger is looked at this often regardless."""


class LedgerReader(Protocol):
    """Committed entries of an estate's ledger. Called from worker threads."""

    def head(self, estate: str) -> int:
        """The sequence of the last committed entry; 0 before the first."""

    def since(self, estate: str, seq: int, limit: int) -> Sequence[Entry]:
        """At most `limit` entries with a sequence greater than `seq`, in order."""


class Wake(Protocol):
    """Tells after each commit, from any thread, that there is something new."""

    def listen(self, callback: Callable[[], None]) -> AbstractContextManager[None]:
        """Calls back after commits until the context is left."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An entry and its bytes on the stream, encoded once for all readers."""

    entry: Entry
    wire: bytes


def as_json(entry: Entry) -> dict[str, object]:
    """An entry as the interface shows it."""
    return {
        "estate": entry.estate,
        "seq": entry.seq,
        "kind": entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor": entry.actor,
        "incident_id": entry.incident_id,
        "subject": entry.subject,
        "causation_id": entry.causation_id,
        "data": dict(entry.data),
        "previous": entry.previous,
        "hash": entry.hash,
    }


def framed(entry: Entry) -> Frame:
    text = json.dumps(as_json(entry), ensure_ascii=False, separators=(",", ":"))
    return Frame(entry, format_sse_event(data_str=text, id=str(entry.seq)))


class Tail:
    """One estate's. Streams keep only a cursor: what they miss while they wait is in the ring, or in the ledger."""

    def __init__(self, estate: str, ledger: LedgerReader) -> None:
        self.estate = estate
        self.head = 0
        self.closed = False
        self._ledger = ledger
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._moved = asyncio.Event()
        # A limiter of its own: reading must not queue behind slow pages for a worker thread.
        self._one = CapacityLimiter(1)

    async def begin(self) -> None:
        self.head = await to_thread.run_sync(self._ledger.head, self.estate, limiter=self._one)

    async def advance(self) -> None:
        """Read what was committed since, and wake the streams. Called by one task only."""
        while True:
            read = await to_thread.run_sync(self._ledger.since, self.estate, self.head, CHUNK, limiter=self._one)
            if read:
                self._ring.extend(framed(entry) for entry in read)
                self.head = read[-1].seq
                self._wake()
            if len(read) < CHUNK:
                return

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def after(self, cursor: int) -> Sequence[Frame]:
        """Frames with a sequence greater than `cursor`, in order, as many as are at hand; none when it is at the head."""
        if cursor >= self.head:
            return ()
        if self._ring and self._ring[0].entry.seq <= cursor + 1:
            return list(self._ring)[cursor - self._ring[0].entry.seq + 1 :]
        read = await to_thread.run_sync(self._ledger.since, self.estate, cursor, CHUNK)
        return [framed(entry) for entry in read]

    async def moved(self, cursor: int, patience: float) -> None:
        """Returns when there is something after `cursor`, when the tail closes, or after `patience` seconds."""
        if cursor < self.head or self.closed:
            return
        try:
            async with asyncio.timeout(patience):
                await self._moved.wait()
        except TimeoutError:
            return


class Feeds:
    """The tails of all estates, and the one task that moves them."""

    def __init__(self, estates: Iterable[str], ledger: LedgerReader, wake: Wake) -> None:
        self._tails = {estate: Tail(estate, ledger) for estate in estates}
        self._wake = wake
        self._told: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def tail(self, estate: str) -> Tail | None:
        return self._tails.get(estate)

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Follows the ledgers until `close`. One slow read delays no commit: being told only sets a flag."""
        self._told, self._loop = asyncio.Event(), asyncio.get_running_loop()
        told, loop = self._told, self._loop
        for tail in self._tails.values():
            await tail.begin()
        with self._wake.listen(lambda: _set(loop, told)):
            if ready:
                ready.set()
            while not all(tail.closed for tail in self._tails.values()):
                try:
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await told.wait()
                except TimeoutError:
                    pass
                told.clear()
                for tail in self._tails.values():
                    await tail.advance()

    def close(self) -> None:
        """Ends every open stream, so that the server can stop; from any thread."""
        if self._loop is None or self._told is None:
            return
        for tail in self._tails.values():
            self._loop.call_soon_threadsafe(tail.close)
        _set(self._loop, self._told)


def _set(loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(told.set)
