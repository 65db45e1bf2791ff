"""What surrounds every request: headers that bind the browser, forms only from our own pages, bodies of a sane size."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.entrypoints.api.access import SESSION_COOKIE
from cloud.entrypoints.api.failures import Render, answering
from cloud.entrypoints.api.problems import Refusal
from cloud.entrypoints.guarded_sizes import MAX_BODY, most_of

UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

OTHERS_PREFIX: Final = "/callbacks/"
"""What programs elsewhere post to. Nothing there looks at cookies, so a foreign form would gain nothing."""

STATIC: Final = "/static/"
"""What is the same for everybody; it carries an ETag."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers hide the Origin of our own forms, by which they are told from foreign ones.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_foreign(headers: Headers) -> bool:
    """Whether an unsafe request may come from another site's page. One with an API token carries no ambient authority; nor
    does one without a session's cookie that says nothing of where it comes from, for every browser says so of a form. With
    one such a one is not from a page of ours.
    """
    if "authorization" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return f"{SESSION_COOKIE}=" in headers.get("cookie", "")
    return urlsplit(origin).netloc != headers.get("host")


class Guard:
    """ASGI middleware; it looks at headers only and never holds a stream back."""

    def __init__(self, app: ASGIApp, *, https: bool = False, respond: Render | None = None) -> None:
        """`respond`: makes the answer where one is refused, for people a page."""
        self._app, self._respond = app, respond or answering()
        self._headers = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000"} if https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(STATIC):
                    # What may be kept says so itself: feeds, the ledger's head. Everything else is somebody's own.
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            refused = await self._respond(Request(scope, receive), refusal, None)
            await refused(scope, receive, send_guarded)
            return
        await self._app(scope, _bounded(receive, most_of(scope["path"])), send_guarded)

    @staticmethod
    def _refusal(scope: Scope) -> Refusal | None:
        headers = Headers(scope=scope)
        elsewhere = scope["path"].startswith(OTHERS_PREFIX)
        if scope["method"] in UNSAFE and not elsewhere and is_foreign(headers):
            detail = "This form was not sent from a page of this service. Open the page here and try again."
            return Refusal(HTTPStatus.FORBIDDEN, "foreign-form", detail)
        if "transfer-encoding" in headers and "content-length" in headers:
            # Of which a proxy and we might believe different ones, and so see two requests where the other sees one.
            detail = "The request says in two ways how long it is. Send Content-Length or Transfer-Encoding, not both."
            return Refusal(HTTPStatus.BAD_REQUEST, "bad-request", detail, headers={"Connection": "close"})
        length = headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:12]) > most_of(scope["path"]):
            detail = f"The body has {length[:12]} bytes; {most_of(scope['path'])} are taken. Send less at once."
            return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", detail)
        return None


def _bounded(receive: Receive, most: int = MAX_BODY) -> Receive:
    """A body without a length is cut off when it grows too large."""
    taken = 0

    async def receive_bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            # Of what is raised while it reads a body, FastAPI passes on only this kind.
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return receive_bounded
