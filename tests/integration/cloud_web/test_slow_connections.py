"""Who opens connections and says little keeps nobody out; who is only slow is served."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from cloud.entrypoints.patience import PatientProtocol

GET = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\n"


SHORT_S = 0.3
LONG_S = 10.0
"""What is not tried has time, however busy the machine."""


async def counted(scope, receive, send):
    """The length of the body; the answer takes longer than a request may."""
    taken = len(await Request(scope, receive).body())
    await asyncio.sleep(0.5)
    await PlainTextResponse(f"taken {taken}")(scope, receive, send)


@asynccontextmanager
async def connected(head=SHORT_S, body=SHORT_S):
    class Hasty(PatientProtocol):
        head_s, body_s = head, body

    config = uvicorn.Config(counted, http=Hasty, ws="none", lifespan="off", log_level="critical", port=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(LONG_S):
        while not server.started:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname()[:2])
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await serving


@pytest.mark.parametrize(
    ("said", "answer"),
    [(b"", b"408"), (b"GET / HT", b"408"), (GET[:-2], b"408"), (POST + b"a", b"")],
    ids=["nothing", "half a line", "half a head", "half a body"],
)
async def test_who_does_not_say_what_it_wants_is_let_go(said, answer):
    async with connected() as (reader, writer):
        writer.write(said)
        began = time.monotonic()
        told = await asyncio.wait_for(reader.read(), LONG_S)
        assert answer in told
        assert time.monotonic() - began >= 0.25


async def test_a_byte_now_and_then_gains_nothing():
    async with connected() as (reader, writer):
        ended = asyncio.create_task(reader.read())
        for byte in GET[:-4]:
            writer.write(bytes([byte]))
            await asyncio.wait([ended], timeout=0.1)
            if ended.done():
                break
        else:
            pytest.fail("each byte gained it more time")
        # A byte that is under way when the other end closes makes it a reset, and the answer is lost.
        with suppress(ConnectionResetError):
            assert b"408" in await ended


async def test_a_second_request_has_no_more_patience_than_the_first():
    async with connected(head=1.0) as (reader, writer):
        writer.write(GET)
        assert b"200 OK" in await reader.readuntil(b"taken 0")
        writer.write(GET[:10])
        assert b"408" in await asyncio.wait_for(reader.read(), LONG_S)


async def test_an_answer_may_take_its_time_and_a_body_that_comes_along_too():
    async with connected(head=LONG_S) as (reader, writer):
        writer.write(POST.replace(b"1000", b"10000"))
        for _ in range(5):
            writer.write(b"a" * 2000)
            await asyncio.sleep(0.1)  # half a second in all: longer than `body_s`, and faster than the least rate
        assert b"200 OK" in await asyncio.wait_for(reader.readuntil(b"taken 10000"), LONG_S)
