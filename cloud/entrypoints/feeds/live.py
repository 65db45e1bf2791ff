"""Server-sent events: an estate's ledger as it grows, resumed by the last sequence a reader has seen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from cloud.domain.tasks.sight import Outlook
from cloud.entrypoints.feeds.elsewhere import LOOK, Beyond, Wanted
from cloud.entrypoints.feeds.frame import EVERYBODY, Frame
from cloud.entrypoints.feeds.tail import Tail
from cloud.errors import CloudError

_log = logging.getLogger(__name__)

BEAT_S: Final = 10.0
"""A beat at least this often: proxies keep the connection, and a page knows that silence means a dead link."""

WELCOME_S: Final = 30.0
"""How often a stream asks whether its reader may still read: each asking costs the store a look."""

PATIENCE_S: Final = 20.0
"""A reader that takes nothing for so long is cut off; it comes back with its cursor and loses nothing."""

RETRY_MS: Final = 1500

BATCH: Final = 64
"""Frames written at once: a long way to catch up costs few wake-ups and little memory."""


HANDED: Final = "tocsin.handed"
"""Where in the scope a stream that has begun is laid for who carries it on (`LastingApp`)."""


class LiveResponse(StreamingResponse):
    """A stream that waits for a slow reader only so long, and ends when its reader has left.

    FastAPI's EventSourceResponse would encode each event once per reader and waits for ever; its encoder is used here.
    Starlette's own way takes a task group with two tasks for each stream; here it is one that listens.
    """

    media_type = "text/event-stream"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begins, with all that the way here adds to the headers; goes on at once where nobody carries it on."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        handed = scope.get(HANDED)
        if handed is None:
            await self.carry_on(receive, send)
        else:
            handed.append(self)

    async def carry_on(self, receive: Receive, send: Send) -> None:
        """Until the stream ends, its reader has left, or takes nothing for too long."""
        writing = asyncio.current_task()
        assert writing is not None
        listening = asyncio.create_task(_listen(receive))
        left = False

        def leave(done: asyncio.Task[None]) -> None:
            nonlocal left
            if not done.cancelled():
                left = True
                writing.cancel()

        listening.add_done_callback(leave)
        try:
            async with aclosing(self.body_iterator) as chunks:  # type: ignore[type-var]  # frames() is a generator
                async for chunk in chunks:
                    await _patiently(send, {"type": "http.response.body", "body": chunk, "more_body": True})
            await _patiently(send, {"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return
        except asyncio.CancelledError:
            if not left:
                raise
            writing.uncancel()
        finally:
            listening.remove_done_callback(leave)
            listening.cancel()


async def _listen(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _patiently(send: Send, message: Message) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await send(message)


def headers() -> dict[str, str]:
    """Nothing between us and the reader may keep or gather what is sent (the second is nginx's)."""
    return {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def _beat(tail: Tail) -> bytes:
    # A comment for proxies; an event besides, because a page's script never sees comments. No id: it moves no cursor.
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_sse_event(comment="keep-alive", event="beat", data_str=f'{{"head":{tail.head},"now":"{now}"}}')


def _bare(frame: Frame) -> bytes:
    return format_sse_event(data_str=f'{{"seq":{frame.seq}}}', id=str(frame.seq))


def _batches(ready: Sequence[Frame], outlook: Outlook, only: str | None, *, bare: bool) -> Iterator[bytes]:
    for n in range(0, len(ready), BATCH):
        heard = (one for one in ready[n : n + BATCH] if only in {None, one.incident_id} and one.seen_by(outlook))
        if shown := b"".join(_bare(one) if bare else one.wire for one in heard):
            yield shown


async def _moved(tail: Tail, cursor: int, patience: float, beyond: Beyond | None) -> None:
    """Returns when there may be something to say. Where a life may be at stake elsewhere, every tail is woken."""
    if beyond is None:
        await tail.moved(cursor, patience)
    elif not beyond.behind and cursor >= tail.head and not tail.closed:
        await (beyond.elsewhere.moved(patience) if beyond.wanted is Wanted.ALL else tail.moved(cursor, patience))


async def _asked(still_welcome: Callable[[], Awaitable[Outlook | None]]) -> Outlook | None:
    try:
        return await still_welcome()
    except CloudError as error:
        # Nobody is told more than they may see because the storage is away: the reader comes back with its cursor.
        _log.warning("a live stream ends: whether its reader may read on cannot be asked: %s", error)
        return None


async def frames(
    tail: Tail,
    cursor: int | None,
    outlook: Outlook,
    still_welcome: Callable[[], Awaitable[Outlook | None]],
    *,
    only: str | None = None,
    bare: bool = False,
    beyond: Beyond | None = None,
    whose: str | None = None,
) -> AsyncIterator[bytes]:
    """The stream from `cursor` on (None: from now), without a gap and without a repeat.

    `outlook`: what its reader sees. `still_welcome` is asked every half minute for what they see by then, so that a revoked
    session (None) ends its streams too; before anything more is said where a line tells that `whose` access has ended, or
    that what anybody sees has changed; and before each word about other estates, whose ledgers may be ahead of this one and
    tell nobody here who has left them. `only`: nothing but what is about that incident. `bare`: of a line nothing but its
    sequence, for who is only to know that something happened. `beyond`: the estates of which it tells beside, by marks without
    an id; it begins by saying that there may be something, since nobody knows what a reader who comes back has missed there.
    A cursor beyond the head belongs to another history (a restored database): the reader is told.
    """
    start = format_sse_event(comment="tocsin", retry=RETRY_MS)
    if cursor is not None and cursor > tail.head:
        # A page may have been made from a commit that the tail has not read yet.
        await tail.advance()
    if cursor is not None and cursor > tail.head:
        start += format_sse_event(event="reset", data_str=f'{{"head":{tail.head}}}', id=str(tail.head))
        cursor = tail.head
    cursor = tail.head if cursor is None else cursor
    outlook = tail.shared(outlook)
    yield start + _beat(tail) + (LOOK if beyond else b"")
    tail.readers += 1
    try:
        clock = asyncio.get_running_loop().time
        beat_at, ask_at = clock() + BEAT_S, clock() + WELCOME_S
        while not tail.closed:
            ready = await tail.after(cursor)
            shut = any(one.shuts in {EVERYBODY, whose} for one in ready if one.shuts is not None)
            if shut or clock() >= ask_at or (beyond and beyond.waiting):
                now = await _asked(still_welcome)
                if now is None:
                    return
                outlook = tail.shared(now)
                ask_at = clock() + WELCOME_S
            for shown in _batches(ready, outlook, only, bare=bare):
                yield shown
            cursor = ready[-1].seq if ready else cursor
            if beyond and (marks := beyond.news()):
                yield marks
            if clock() >= beat_at:
                yield _beat(tail)
                beat_at = clock() + BEAT_S
            await _moved(tail, cursor, beat_at - clock(), beyond)
    finally:
        tail.readers -= 1
