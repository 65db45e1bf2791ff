"""Asks an application without a socket, from ordinary code: a loop in a thread of its own answers."""

from __future__ import annotations

import asyncio
import threading

import httpx
from fastapi import FastAPI


class Answering:
    """The loop on which applications answer; `close` ends it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="answering")
        self._thread.start()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


class InProcess(httpx.BaseTransport):
    """`address`: where the application sees the request come from."""

    def __init__(self, app: FastAPI, answering: Answering, address: str = "127.0.0.1") -> None:
        self._loop = answering.loop
        self._app = httpx.ASGITransport(app, client=(address, 50000))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        return asyncio.run_coroutine_threadsafe(self._ask(sent), self._loop).result(30)

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        whole = await answer.aread()
        # It is unpacked by now.
        headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-encoding"]
        return httpx.Response(answer.status_code, headers=headers, content=whole)
