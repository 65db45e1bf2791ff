"""The moving end of each estate's ledger, read once per commit and handed to every open stream from one ring."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol

from anyio import CapacityLimiter, to_thread

from cloud.application.asking.queries import Queries
from cloud.domain.community.party import Member
from cloud.domain.tasks.sight import Outlook
from cloud.entrypoints.feeds.elsewhere import Elsewhere
from cloud.entrypoints.feeds.frame import EVERYBODY, Frame, Told, framed
from cloud.errors import CloudError, Unavailable

_log = logging.getLogger(__name__)

RING: Final = 1024
"""Entries kept in memory per estate that somebody reads; a stream further behind reads the ledger itself."""

UNREAD: Final = 32
"""Entries kept of an estate of which nobody wants more than to be told that life is at stake there."""

CHUNK: Final = 256
"""Entries read from the ledger at a time."""

LOOK_AGAIN_S: Final = 1.0
"""Another process may have committed without this one being told; so the ledger is looked at this often regardless."""


LOOK_ANEW_S: Final = 5.0
"""How long what a member sees is taken for what it was."""


class LedgerReader(Protocol):
    """Committed lines of estates' ledgers, told to people. Called from worker threads."""

    def reached(self, estates: Collection[str]) -> Mapping[str, int]:
        """The sequence of the last committed entry of each, asked for at once; an estate without one may be left out."""
        ...

    def since(self, estate: str, seq: int, limit: int) -> Sequence[Told]:
        """At most `limit` lines with a sequence greater than `seq`, in order and without a gap, each with whom it concerns."""
        ...


class ToldLedger:
    """The ledger through the queries every page uses, as the program itself sees it: who may follow it is asked before."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def reached(self, estates: Collection[str]) -> Mapping[str, int]:
        return self._queries.ledgers_reached(estates)

    def since(self, estate: str, seq: int, limit: int) -> Sequence[Told]:
        return self._queries.told(estate, seq, limit=limit)


class Tail:
    """One estate's. Streams keep only a cursor: what they miss while they wait is in the ring, or in the ledger."""

    def __init__(self, estate: str, ledger: LedgerReader, head: int, elsewhere: Elsewhere) -> None:
        self.estate = estate
        self.head = head
        self.closed = False
        self.readers = 0
        self._ledger, self._elsewhere = ledger, elsewhere
        self._ring: deque[Frame] = deque(maxlen=RING)
        self._outlooks: dict[Outlook, Outlook] = {}
        self._known: dict[Member, tuple[float, Outlook]] = {}
        self._changes = 0
        self._moved = asyncio.Event()
        self._advancing = asyncio.Lock()
        # A limiter of its own: reading must not queue behind slow pages for a worker thread.
        self._one = CapacityLimiter(1)

    async def advance(self) -> None:
        """Read what was committed since, and wake the streams."""
        async with self._advancing:
            while True:
                read = await to_thread.run_sync(self._ledger.since, self.estate, self.head, CHUNK, limiter=self._one)
                if read:
                    fresh = [framed(told) for told in read]
                    if any(one.shuts == EVERYBODY for one in fresh):
                        self._changes += 1
                        self._known = {}
                    self._ring.extend(fresh)
                    while not self.readers and len(self._ring) > UNREAD:
                        self._ring.popleft()
                    self.head = read[-1][0].seq
                    self.wake()
                    self._elsewhere.take(self.estate, fresh)
                if len(read) < CHUNK:
                    return

    def close(self) -> None:
        self.closed = True
        self.wake()

    def wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def shared(self, outlook: Outlook) -> Outlook:
        """The one object for all who see the same: a thousand readers keep a few."""
        return self._outlooks.setdefault(outlook, outlook)

    def outlook_of(self, member: Member, ask: Callable[[], Outlook]) -> Outlook:
        """What a member sees, asked once in a few seconds however many streams they have open. From worker threads, too."""
        now, changes = time.monotonic(), self._changes
        at, known = self._known.get(member, (-LOOK_ANEW_S, None))
        if known is None or now - at >= LOOK_ANEW_S:
            known = self.shared(ask())
            fresh = {one: kept for one, kept in self._known.items() if now - kept[0] < LOOK_ANEW_S}
            # What was asked before a change is nobody's answer after it.
            if changes == self._changes:
                self._known = {**fresh, member: (now, known)}
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
        self.elsewhere = Elsewhere(self._wake_all)
        self._ledger: LedgerReader | None = None
        self._told: asyncio.Event | None = None
        self._announced: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._trouble: str | None = None

    def announce(self, estate: str, seq: int) -> None:  # noqa: ARG002 - the port names both; the ledger itself is read
        """From any thread, after a commit: only leaves a word, so that no reader ever delays who commits."""
        if self._loop is not None and self._told is not None:
            # The loop may close between the look and the call: the program is ending, and nobody is left to tell.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hear, estate)

    def _hear(self, estate: str) -> None:
        self._announced.add(estate)
        if self._told:
            self._told.set()

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
        await self.follow_all((estate,))
        return self._tails[estate]

    async def follow_all(self, estates: Collection[str]) -> None:
        """The same for several, in one look at the ledgers."""
        fresh = [one for one in estates if one not in self._tails]
        if not fresh:
            return
        ledger = self._ledger
        if ledger is None or self._closed:
            raise Unavailable(
                "The live stream is not running now. Connect again in a moment.", "实时通道未运行，请稍后重试"
            )
        reached = await to_thread.run_sync(ledger.reached, fresh)
        for one in fresh:
            self._tails.setdefault(one, Tail(one, ledger, reached.get(one, 0), self.elsewhere))

    async def run(self, ledger: LedgerReader) -> None:
        """Follows the ledgers until it is cancelled or closed; it may be run again afterwards."""
        self._closed, self._tails, self._trouble = False, {}, None
        self._announced, self.elsewhere = set(), Elsewhere(self._wake_all)
        self._ledger, self._told, self._loop = ledger, asyncio.Event(), asyncio.get_running_loop()
        told, clock, all_at = self._told, self._loop.time, 0.0
        # Of its own, as a tail's: looking must not queue behind slow pages for a worker thread.
        one = CapacityLimiter(1)
        while not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(max(all_at - clock(), 0.001)):
                    await told.wait()
            told.clear()
            announced, self._announced = self._announced, set()
            wanted = [self._tails[estate] for estate in announced if estate in self._tails]
            try:
                if clock() >= all_at:
                    all_at = clock() + LOOK_AGAIN_S
                    wanted = await self._behind(ledger, one)
            except CloudError as error:
                _log.warning("live streams wait for the ledger: %s", error)
            await _advance(wanted)

    async def _behind(self, ledger: LedgerReader, one: CapacityLimiter) -> list[Tail]:
        """The tails whose ledgers have gone on, whoever told; one question for all of them."""
        if not self._tails:
            return []
        reached = await to_thread.run_sync(ledger.reached, list(self._tails), limiter=one)
        return [tail for tail in list(self._tails.values()) if reached.get(tail.estate, 0) != tail.head]

    def close(self) -> None:
        """Ends every open stream, so that the server can stop; from any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._closed = True
        for tail in self._tails.values():
            tail.close()
        self.elsewhere.close()
        if self._told:
            self._told.set()

    def _wake_all(self) -> None:
        for tail in self._tails.values():
            tail.wake()


async def _advance(tails: Sequence[Tail]) -> None:
    for tail in tails:
        try:
            await tail.advance()
        except CloudError as error:
            # The storage is busy or away for now; the next look comes within a second, and nothing is skipped.
            _log.warning("live stream of %s waits for the ledger: %s", tail.estate, error)
