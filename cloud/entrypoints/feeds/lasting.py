"""A live stream goes on outside of all that was needed to begin it: routing, checks, exit stacks, error pages."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from cloud.entrypoints.feeds.live import HANDED, LiveResponse

_NEEDED: Final = {
    "type",
    "asgi",
    "http_version",
    "method",
    "path",
    "raw_path",
    "path_params",
    "query_string",
    "headers",
    "client",
}
"""What the server and the stream still look at: whether its reader may read on depends on what the path names. The rest of a
scope leads to what is over, and would keep it alive.
"""


class LastingApp(FastAPI):
    """A thousand people who watch cost what their connections do: a stream that has begun is handed over to here."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        handed: list[LiveResponse] = []
        scope[HANDED] = handed
        await super().__call__(scope, receive, send)
        if handed:
            for name in [name for name in scope if name not in _NEEDED]:
                del scope[name]
            await handed.pop().carry_on(receive, send)
