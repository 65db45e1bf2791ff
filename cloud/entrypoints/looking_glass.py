"""Whoever has entered the demonstration sees it at this very address: their requests go to the process that runs it.

So it needs no open port, is reached through the same proxy and certificate, and its cookies are kept apart under a prefix.
"""

from __future__ import annotations

import asyncio
import contextlib
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cloud.application.estates.demonstrate import Demonstrate
from cloud.entrypoints.guarded_sizes import MAX_BODY, MAX_REPORT

if TYPE_CHECKING:
    import httpx

KEY_COOKIE: Final = "tocsin_demo"
PREFIX: Final = "demo_"
SHARED: Final = "tocsin_lang"
"""The one cookie that means the same on both sides."""

OURS: Final = "/demo"
"""Entering and leaving are done here, never there."""

_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "proxy-authorization",
        "content-length",
    }
)
_LARGEST: Final = MAX_REPORT + MAX_BODY


class LookingGlass:
    """ASGI middleware around everything else. `https`: cookies never travel without it."""

    def __init__(self, app: ASGIApp, *, demo: Demonstrate, https: bool = False) -> None:
        self._app, self._demo, self._https = app, demo, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = self._demo.opened
        if scope["type"] != "http" or opened is None or is_ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        cookies = cookies_of(Headers(scope=scope))
        if not self._demo.knows(cookies.get(KEY_COOKIE)):
            await self._app(scope, receive, send)
            return
        await self._pass(scope, receive, send, opened.url, cookies)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, url: str, cookies: dict[str, str]) -> None:
        import httpx  # only who looks through needs it

        try:
            body = await _body(receive)
        except ClientDisconnect:
            return  # half a form says something else than the whole
        if body is None:
            await PlainTextResponse("That is too large.", 413)(scope, receive, send)
            return
        address = _there(url, scope)
        if address is None:
            await PlainTextResponse("Ask for a path of this service: it begins with a slash.", 400)(
                scope, receive, send
            )
            return
        # One for each request: it is this machine's loopback, without TLS, and none is left open when the program stops.
        client = httpx.AsyncClient(timeout=httpx.Timeout(30.0, read=None), trust_env=False, verify=False)  # noqa: S501
        async with client:
            request = client.build_request(
                scope["method"], address, headers=_inward(scope, cookies), content=body or None
            )
            try:
                answer = await client.send(request, stream=True)
            except httpx.HTTPError:
                # It is about to end, or has: the page of its own says so.
                await RedirectResponse(OURS, 303)(scope, receive, send)
                return
            try:
                await self._hand_on(answer, receive, send)
            finally:
                await answer.aclose()

    async def _hand_on(self, answer: httpx.Response, receive: Receive, send: Send) -> None:
        """As it comes, streams among it, until either side has enough."""
        headers = [
            (key, value) for key, value in answer.headers.raw if key.decode().lower() not in _HOP - {"content-length"}
        ]
        headers = [(key, self._outward(value) if key.lower() == b"set-cookie" else value) for key, value in headers]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})

        async def forward() -> None:
            async for chunk in answer.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

        tasks = [asyncio.create_task(forward()), asyncio.create_task(_gone(receive))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _outward(self, cookie: bytes) -> bytes:
        """A cookie of theirs under a name that is none of ours."""
        text = cookie.decode("latin-1")
        own = text if text.startswith(f"{SHARED}=") else f"{PREFIX}{text}"
        return (f"{own}; Secure" if self._https and "secure" not in own.lower() else own).encode("latin-1")


def is_ours(path: str) -> bool:
    return path == OURS or path.startswith(f"{OURS}/")


def cookies_of(headers: Headers) -> dict[str, str]:
    jar = SimpleCookie()
    with contextlib.suppress(CookieError):
        jar.load(headers.get("cookie", ""))
    return {name: morsel.value for name, morsel in jar.items()}


def _inward(scope: Scope, cookies: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Theirs by their own names; ours stay here, our session first of all."""
    theirs = {name.removeprefix(PREFIX): value for name, value in cookies.items() if name.startswith(PREFIX)}
    if SHARED in cookies:
        theirs[SHARED] = cookies[SHARED]
    kept = [
        (key, value)
        for key, value in scope["headers"]
        if key.decode().lower() not in _HOP and key.lower() not in {b"cookie", b"authorization"}
    ]
    if theirs:
        kept.append((b"cookie", "; ".join(f"{name}={value}" for name, value in theirs.items()).encode("latin-1")))
    return kept


def _there(url: str, scope: Scope) -> httpx.URL | None:
    """What is asked for, at the demonstration's own address. A request line may hold anything: after the address, `@host/` would
    name another host, so that only a path is put there, and the host by itself.
    """
    import httpx

    path: bytes = scope["raw_path"].partition(b"?")[0]
    if not path.startswith(b"/"):
        return None
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    try:
        return httpx.URL(url).copy_with(raw_path=path + query)
    except httpx.InvalidURL:
        return None


async def _body(receive: Receive) -> bytes | None:
    """None when it is larger than anything that is taken there. Raises ClientDisconnect."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > _LARGEST:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
