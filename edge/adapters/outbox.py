"""The outbox on SQLite, for an event loop: one worker thread does all that touches the disk."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self, TypeVar

from edge.adapters.outbox_check import FileLock, OutboxFile, open_checked, open_in_memory
from edge.adapters.outbox_sealing import ROW_BYTES
from edge.adapters.outbox_store import Held, OutboxStore, Ranges
from edge.application.ports import Depth, Entries, RuleMemory, Sealed
from edge.errors import OutboxError
from schemas.batch import Stream
from schemas.delivery import Ack, Stored
from schemas.presence import Numbered

_T = TypeVar("_T")

HELD_BYTES: Final = 8_000_000
"""Events held in memory while the disk refuses: some 10,000. Beyond, those that are no life safety go first."""

SETTLED_AT_ONCE: Final = 128
"""Acknowledged batches let go in one transaction. Forgetting the thousands of a drained backlog takes a tenth of a second
here and longer on a card; an alarm waits for one such transaction at most."""

_TIGHT: Final = 0.8
"""From this part of the quota on everything acknowledged makes room first, or telemetry would be dropped for it."""


class SqliteOutbox:
    """Between observing and delivering. What is acknowledged or sent is remembered at once and written with what follows."""

    def __init__(
        self, store: OutboxStore, lock: FileLock, worker: ThreadPoolExecutor, salvaged: str | None, boot: str
    ) -> None:
        self._store = store
        self._lock = lock
        self._worker = worker
        self._boot = boot
        self._acknowledged: dict[tuple[str, Stream], list[Stored]] = {}
        self._sent: set[int] = set()
        self._spare: OutboxStore | None = None
        self._file: OutboxFile | None = None
        """The one that a store in memory stands in for."""
        self.salvaged = salvaged
        self.made_bytes = 0

    @classmethod
    async def open(cls, path: Path, *, quota_bytes: int, boot: str, node: str | None = None) -> Self:
        """Open or make the store at `path`. A damaged file is put aside and what can be read of it saved.

        `node`: whose it is, as estate/name; written down in it.
        Raises OutboxError where another agent holds it or the disk cannot be written.
        """
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        loop = asyncio.get_running_loop()
        lock = FileLock(path)
        try:
            lock.take()
            store, salvaged = await loop.run_in_executor(worker, open_checked, path, quota_bytes)
            if node is not None:
                with contextlib.suppress(OutboxError):
                    # A full disk is no reason not to deliver what is here; the next start writes it down.
                    await loop.run_in_executor(worker, store.belongs_to, node)
        except BaseException:
            lock.release()
            worker.shutdown()
            raise
        return cls(store, lock, worker, salvaged, boot)

    @classmethod
    async def volatile(cls, *, quota_bytes: int, boot: str, instead_of: OutboxFile | None = None) -> Self:
        """A store in memory, for a node whose disk cannot be used: alarms still go out, and nothing survives a restart
        until `recover` has gone over to the file that this stands in for.
        """
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outbox")
        path = instead_of.path if instead_of is not None else None
        store = await asyncio.get_running_loop().run_in_executor(worker, open_in_memory, quota_bytes, path)
        outbox = cls(store, FileLock(None), worker, None, boot)
        outbox._file = instead_of
        return outbox

    @property
    def volatile_instead_of(self) -> str | None:
        return None if self._file is None else str(self._file.path)

    async def recover(self) -> None:
        if self._file is not None:
            await self._run(self._go_over, self._file)
            # They were places in the store that is no more.
            self._sent.clear()

    @property
    def identity(self) -> str:
        return self._store.identity

    @property
    def alive_at(self) -> tuple[str, float] | None:
        return self._store.alive_at

    @property
    def last_trusted(self) -> float | None:
        return self._store.last_trusted

    @property
    def used_bytes(self) -> int:
        return self._store.room.used_bytes + (self._spare.room.used_bytes if self._spare else 0)

    @property
    def quota_bytes(self) -> int:
        return self._store.room.quota_bytes

    async def depth(self, stream: Stream) -> Depth:
        batches, records, mono, boot = await self._run(self._store.depth, stream)
        if self._spare is not None:
            more, also, later, its_boot = await self._run(self._spare.depth, stream)
            mono, boot = (mono, boot) if batches else (later, its_boot)
            batches, records = batches + more, records + also
        return Depth(batches, records, mono if boot == self._boot else None)

    async def numbering(self) -> list[Numbered]:
        return await self._run(self._numbering)

    async def commit(self, entries: Entries) -> list[Sealed]:
        tight = self.used_bytes > _TIGHT * self.quota_bytes
        acknowledged, sent = self._take_settled(None if tight else SETTLED_AT_ONCE)
        try:
            placed = await self._run(self._commit, entries, acknowledged, sent)
        except BaseException:
            self._put_back(acknowledged, sent)
            raise
        self.made_bytes += sum(len(batch.payload) + ROW_BYTES for batch in placed)
        return placed

    async def hold(self, entries: Entries) -> list[Sealed]:
        held = await self._run(self._hold, entries)
        self.made_bytes += sum(len(batch.payload) + ROW_BYTES for batch in held)
        return held

    async def tidy(self) -> None:
        while True:
            acknowledged, sent = self._take_settled(SETTLED_AT_ONCE)
            if not acknowledged and not sent and self._spare is None:
                return
            try:
                await self._run(self._settle, acknowledged, sent)
            except BaseException:
                self._put_back(acknowledged, sent)
                raise
            if not self._acknowledged and not self._sent:
                return

    async def waiting(self, stream: Stream, after: int, limit: int) -> list[Sealed]:
        found: list[Sealed] = []
        while len(found) < limit:
            page = await self._run(self._page, stream, after, limit)
            found += [batch for batch in page if not self._is_acknowledged(batch)]
            if len(page) < limit:
                break
            after = page[-1].place
        return found[:limit]

    def sent(self, batch: Sealed) -> None:
        self._sent.add(batch.place)

    def acknowledge(self, ack: Ack) -> None:
        for stream in ack.streams:
            self._acknowledged.setdefault((ack.outbox, stream.stream), []).extend(stream.ranges())

    async def next_connection(self) -> int:
        return await self._run(self._store.next_connection)

    async def answered(self, command: str) -> str | None:
        return await self._run(self._store.answered, command)

    async def answer(self, command: str, receipt: str) -> None:
        await self._run(self._store.answer, command, receipt)

    async def rules(self) -> list[RuleMemory]:
        return await self._run(self._store.rules)

    async def memory(self) -> dict[str, dict[str, float]]:
        return await self._run(self._store.memory)

    async def close(self) -> None:
        """Close in order; the next start then finds nothing to check."""
        try:
            with contextlib.suppress(OutboxError):
                await self.recover()
            await self.tidy()
        finally:
            await self._run(self._store.close)
            if self._spare is not None:
                await self._run(self._spare.close)
            self._worker.shutdown()
            self._lock.release()

    def _numbering(self) -> list[Numbered]:
        """What moves from the spare to the store is there under the spare's own name."""
        found = {(one.outbox, one.stream): one for one in self._store.numbering()}
        for one in self._spare.numbering() if self._spare is not None else ():
            also = found.get((one.outbox, one.stream))
            oldest = min((seq for box in (one, also) if box and (seq := box.oldest) is not None), default=None)
            found[one.outbox, one.stream] = one.model_copy(update={"oldest": oldest})
        return list(found.values())

    def _go_over(self, file: OutboxFile) -> None:
        """On the worker, so that nothing is committed between the last look at the one store and the first at the other."""
        self._settle({}, set())  # What is held beside the store goes with it.
        lock = FileLock(file.path)
        lock.take()
        try:
            store, salvaged = open_checked(file.path, file.quota_bytes)
            try:
                store.belongs_to(file.node)
                store.succeed(self._store)
            except BaseException:
                store.close()
                raise
        except BaseException:
            lock.release()
            raise
        left, self._store = self._store, store
        self._lock, self.salvaged, self._file = lock, salvaged, None
        left.close()

    def _commit(self, entries: Entries, acknowledged: Ranges, sent: set[int]) -> list[Sealed]:
        placed = self._store.commit(entries, acknowledged, sent, self._held(acknowledged))
        self._let_go()
        return placed

    def _settle(self, acknowledged: Ranges, sent: set[int]) -> None:
        self._store.settle(acknowledged, sent, self._held(acknowledged))
        self._let_go()

    def _hold(self, entries: Entries) -> list[Sealed]:
        # One spare for the whole run: the numbers that it gives out must never be given twice.
        self._spare = self._spare or open_in_memory(HELD_BYTES)
        return self._spare.hold(entries, self._store.last_place())

    def _held(self, acknowledged: Ranges) -> Held | None:
        if self._spare is None:
            return None
        self._spare.settle(acknowledged, ())
        return self._spare.held()

    def _let_go(self) -> None:
        if self._spare is not None:
            self._spare.let_go()

    def _page(self, stream: Stream, after: int, limit: int) -> list[Sealed]:
        """The spare's places are all beyond the store's."""
        page = self._store.waiting(stream, after, limit)
        if self._spare is not None and len(page) < limit:
            page += self._spare.waiting(stream, after, limit - len(page))
        return page

    def _is_acknowledged(self, batch: Sealed) -> bool:
        ranges = self._acknowledged.get((batch.outbox, batch.stream), ())
        return any(stored.has(batch.seq, batch.mark) for stored in ranges)

    def _take_settled(self, most: int | None) -> tuple[dict[tuple[str, Stream], list[Stored]], set[int]]:
        """About so many batches that are acknowledged, and so many that were sent; None: all. Ranges stay whole."""
        if most is None:
            settled = self._acknowledged, self._sent
            self._acknowledged, self._sent = {}, set()
            return settled
        acknowledged: dict[tuple[str, Stream], list[Stored]] = {}
        left = most
        for key, ranges in list(self._acknowledged.items()):
            taken = 0
            while taken < len(ranges) and left > 0:
                left -= ranges[taken].last - ranges[taken].first + 1
                taken += 1
            if taken:
                acknowledged[key], self._acknowledged[key] = ranges[:taken], ranges[taken:]
            if not self._acknowledged[key]:
                del self._acknowledged[key]
        sent = set(itertools.islice(self._sent, most))
        self._sent -= sent
        return acknowledged, sent

    def _put_back(self, acknowledged: dict[tuple[str, Stream], list[Stored]], sent: set[int]) -> None:
        for key, ranges in acknowledged.items():
            self._acknowledged.setdefault(key, []).extend(ranges)
        self._sent |= sent

    async def _run(self, work: Callable[..., _T], *arguments: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, functools.partial(work, *arguments))
