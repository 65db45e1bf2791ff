"""The moving end of each estate's ledger, read once per commit and handed to every open stream from one ring."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from anyio import CapacityLimiter, to_thread
from fastapi.sse import format_sse_event
from pydantic import TypeAdapter

from cloud.application.asking.queries import Queries
from cloud.application.asking.views import LineView
from cloud.domain.community.party import Member
from cloud.domain.tasks.sight import Concern, Outlook
from cloud.errors import CloudError, Unavailable

_log = logging.getLogger(__name__)

RING: Final = 1024
"""Entries kept in memory per estate; a stream further behind reads the ledger itself."""

CHUNK: Final = 256
"""Entries read from the ledger at a time."""

LOOK_AGAIN_S: Final = 1.0
"""Another process may have committed without this one being told; so the ledger is looked at this often regardless."""


Told = tuple[LineView, Concern | None]


LOOK_ANEW_S: Final = 5.0
"""How long what a member sees is taken for what it was."""


class LedgerReader(Protocol):
    """Committed lines of an estate's ledger, told to people. Called from worker threads."""

    def head(self, estate: str) -> int:
        """The sequence of the last committed entry; 0 before the first."""
        ...

    def since(self, estate: str, seq: int, limit: int) -> Sequence[Told]:
        """At most `limit` lines with a sequence greater than `seq`, in order and without a gap, each with whom it concerns."""
        ...


class ToldLedger:
    """The ledger through the queries every page uses, as the program itself sees it: who may follow it is asked before."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def head(self, estate: str) -> int:
        return self._queries.ledger_head(estate, None).seq

    def since(self, estate: str, seq: int, limit: int) -> Sequence[Told]:
        return self._queries.told(estate, seq, limit=limit)


@dataclass(frozen=True, slots=True)
class Frame:
    """A line and its bytes on the stream, encoded once for all readers, and judged once for all that see the same."""

    seq: int
    wire: bytes
    concern: Concern | None = None
    incident_id: str | None = None
    _judged: dict[Outlook, bool] = field(default_factory=dict, compare=False)

    def seen_by(self, outlook: Outlook) -> bool:
        if self.concern is None:
            return True
        known = self._judged.get(outlook)
        if known is None:
            known = self._judged[outlook] = outlook.sees(self.concern)
        return known


_LINE: Final = TypeAdapter(LineView)


def framed(told: Told) -> Frame:
    line, concern = told
    wire = format_sse_event(data_str=_LINE.dump_json(line).decode(), id=str(line.seq))
    return Frame(line.seq, wire, concern, line.incident_id)


class Tail:
    """One estate's. Streams keep only a cursor: what they miss while they wait is in the ring, or in the ledger."""

    def __init__(self, estate: str, ledger: LedgerReader) -> None:
        self.estate = estate
        self.head = 0
        self.closed = False
        self.readers = 0
        self._ledger = ledger
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._outlooks: dict[Outlook, Outlook] = {}
        self._known: dict[Member, tuple[float, Outlook]] = {}
        self._moved = asyncio.Event()
        self._advancing = asyncio.Lock()
        # A limiter of its own: reading must not queue behind slow pages for a worker thread.
        self._one = CapacityLimiter(1)

    async def begin(self) -> None:
        self.head = await to_thread.run_sync(self._ledger.head, self.estate, limiter=self._one)

    async def advance(self) -> None:
        """Read what was committed since, and wake the streams."""
        async with self._advancing:
            while True:
                read = await to_thread.run_sync(self._ledger.since, self.estate, self.head, CHUNK, limiter=self._one)
                if read:
                    self._ring.extend(framed(told) for told in read)
                    self.head = read[-1][0].seq
                    self._wake()
                if len(read) < CHUNK:
                    return

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def shared(self, outlook: Outlook) -> Outlook:
        """The one object for all who see the same: a thousand readers keep a few."""
        return self._outlooks.setdefault(outlook, outlook)

    def outlook_of(self, member: Member, ask: Callable[[], Outlook]) -> Outlook:
        """What a member sees, asked once in a few seconds however many streams they have open. From worker threads, too."""
        now = time.monotonic()
        at, known = self._known.get(member, (-LOOK_ANEW_S, None))
        if known is None or now - at >= LOOK_ANEW_S:
            known = self.shared(ask())
            self._known = {one: kept for one, kept in self._known.items() if now - kept[0] < LOOK_ANEW_S}
            self._known[member] = (now, known)
        return known

    async def after(self, cursor: int) -> Sequence[Frame]:
        """Frames with a sequence greater than `cursor`, in order, as many as are at hand; none when it is at the head."""
        if cursor >= self.head:
            return ()
        if self._ring and self._ring[0].seq <= cursor + 1:
            return list(self._ring)[cursor - self._ring[0].seq + 1 :]
        read = await to_thread.run_sync(self._ledger.since, self.estate, cursor, CHUNK)
        return [framed(told) for told in read]

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
    """The tails of all estates that somebody follows, and the one task that moves them; itself the ledger's Announcer."""

    def __init__(self) -> None:
        self._tails: dict[str, Tail] = {}
        self._ledger: LedgerReader | None = None
        self._told: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._trouble: str | None = None

    def announce(self, estate: str, seq: int) -> None:  # noqa: ARG002 - the port names both; one read serves all estates
        """From any thread, after a commit: only sets a flag, so that no reader ever delays who commits."""
        loop, told = self._loop, self._told
        if loop is not None and told is not None:
            # The loop may close between the look and the call: the program is ending, and nobody is left to tell.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(told.set)

    @property
    def streams(self) -> int:
        """How many streams are open now."""
        return sum(tail.readers for tail in list(self._tails.values()))

    @property
    def trouble(self) -> str | None:
        """Why no stream moves any more; None while all is well."""
        return self._trouble

    def failed(self, why: str) -> None:
        """The task that moves the streams has died: they end, none begins, and the service says that it is not ready."""
        self._trouble = why
        self._end()

    async def follow(self, estate: str) -> Tail:
        """The estate's tail, begun at the ledger's present head when nobody followed it before."""
        tail = self._tails.get(estate)
        if tail is None:
            if self._ledger is None or self._closed:
                raise Unavailable(
                    "The live stream is not running now. Connect again in a moment.", "实时通道未运行，请稍后重试"
                )
            fresh = Tail(estate, self._ledger)
            await fresh.begin()
            tail = self._tails.setdefault(estate, fresh)
        return tail

    async def run(self, ledger: LedgerReader) -> None:
        """Follows the ledgers until it is cancelled or closed; it may be run again afterwards."""
        self._closed, self._tails, self._trouble = False, {}, None
        self._ledger, self._told, self._loop = ledger, asyncio.Event(), asyncio.get_running_loop()
        told = self._told
        while not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await told.wait()
            told.clear()
            for tail in list(self._tails.values()):
                try:
                    await tail.advance()
                except CloudError as error:
                    # The storage is busy or away for now; the next look comes within a second, and nothing is skipped.
                    _log.warning("live stream of %s waits for the ledger: %s", tail.estate, error)

    def close(self) -> None:
        """Ends every open stream, so that the server can stop; from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._closed = True
        for tail in self._tails.values():
            tail.close()
        if self._told:
            self._told.set()
