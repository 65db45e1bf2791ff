"""Who opens thousands of connections keeps nobody else out, and the process keeps the files it needs."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from cloud.entrypoints.crowd import LARGE, LARGE_AT_ONCE, files_wanted, room_in
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.serving import WebServer, claim

FEW = 256
"""Files, of which the system gives 1024 by itself."""


def app() -> FastAPI:
    made = FastAPI()

    @made.get("/")
    def opens_a_file() -> str:
        return Path(__file__).read_text(encoding="utf-8")[:20]

    @made.post("/")
    async def takes_a_body(request: Request) -> int:
        return len(await request.body())

    @made.get("/follow")
    def follow() -> StreamingResponse:
        return StreamingResponse(without_end(), media_type="text/plain")

    async def without_end():
        while True:
            yield b"."
            await asyncio.sleep(0.05)

    return made


def main() -> None:
    """As a process of its own, with as many files as a small machine gives."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, FEW))
    listening = claim("127.0.0.1", 0)
    print(listening.getsockname()[1], flush=True)
    WebServer(app(), listening, Feeds(), lambda: None).run()


@pytest.fixture
def served(tmp_path):
    log = tmp_path / "log"
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import main; main()"], stdout=subprocess.PIPE, stderr=said
        )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), log
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(port: int) -> int:
    return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=10).status_code


@pytest.mark.parametrize(
    "said", [b"", b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1000\r\n\r\na"], ids=["silent", "half a body"]
)
def test_who_opens_thousands_keeps_nobody_out(served, said):
    port, log = served
    assert files_wanted() > 3 * FEW
    with ExitStack() as held:
        follows = held.enter_context(
            httpx.stream("GET", f"http://127.0.0.1:{port}/follow", trust_env=False, timeout=10)
        ).iter_raw()
        assert next(follows)
        for _ in range(2 * FEW):
            # From the same address as the others: behind a proxy, or a router, all are.
            one = held.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            one.sendall(said)
        assert [ask(port) for _ in range(5)] == [200] * 5
        assert next(follows), "who followed before follows on"
    assert "Too many open files" not in log.read_text()


def test_who_sends_large_bodies_without_end_fills_neither_memory_nor_disk(served):
    port, _ = served
    head = b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 30000000\r\n\r\n"
    with ExitStack() as held:
        sent = []
        for _ in range(LARGE_AT_ONCE + 10):
            one = held.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            one.sendall(head + bytes(LARGE + 1))
            sent.append(one)
        for one in sent[:10]:
            with suppress(ConnectionError):
                assert one.recv(100) == b"", "it is over"
        body = bytes(3 * LARGE)
        whole = httpx.post(f"http://127.0.0.1:{port}/", content=body, trust_env=False, timeout=10)
        assert whole.json() == len(body), "a photo comes through meanwhile"


def test_nobody_is_shut_out_of_a_machine_that_has_room(served):
    port, _ = served
    with ExitStack() as held:
        stay = [
            held.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(room_in(FEW).most - 5)
        ]
        assert ask(port) == 200
        for one in stay:
            one.sendall(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert all(b"200 OK" in one.recv(100) for one in stay)
