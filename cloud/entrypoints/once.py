"""`Idempotency-Key`: a POST that is sent again brings its first answer, and is done once (the IETF's draft of that name)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.application.answer_once import AnswerOnce, Begun, Known, name_of
from cloud.application.once_ports import CARRIED
from cloud.entrypoints.api.access import SESSION_COOKIE
from cloud.entrypoints.api.failures import ADVICE, for_open311, refusal_of
from cloud.entrypoints.api.problems import Fault, Refusal, answer
from cloud.entrypoints.guarded_sizes import MAX_BODY
from cloud.entrypoints.open311 import answers as open311
from cloud.errors import CloudError

PREFIXES: Final = ("/api/v1/", "/tasks/", open311.PREFIX)
"""Programs' requests, and what people press about tasks: their page sends it again when it is not sure that it arrived."""
MOST_KEPT: Final = 256 * 1024
"""Bytes of an answer; no POST of ours says more."""
IN_MEMORY: Final = MAX_BODY
"""Bytes of a body; a photo's rest waits in a file: it is asked for no key before it is read, so anybody may send it."""
_KEY: Final = re.compile(r'"?([!-~]{16,128}?)"?')
_TOLD_AGAIN: Final = (b"content-type", b"etag", b"location")
_REFUSED: Final = {
    Known.OTHER: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
        "This Idempotency-Key came with another body before. Send a new key for a new request.",
    ),
    Known.UNDER_WAY: (
        HTTPStatus.CONFLICT,
        "request-under-way",
        "The first request with this Idempotency-Key is still under way. Send it again in a moment.",
    ),
    Known.LOST: (
        HTTPStatus.CONFLICT,
        "answer-lost",
        "This request was done, and its answer was lost with the process. Look what came of it before you send a new one.",
    ),
}


class Once:
    """ASGI middleware within the guard; it touches nothing but what comes with a key."""

    def __init__(self, app: ASGIApp, *, once: AnswerOnce) -> None:
        self._app, self._once = app, once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        given = headers.get("idempotency-key")
        if given is None or scope["method"] != "POST" or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        key = _KEY.fullmatch(given)
        if key is None:
            fault = Fault(where="header.Idempotency-Key", what="give 16 to 128 printable characters, such as a UUID")
            refusal = Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The key cannot be used.", problems=[fault])
            await _refused(refusal, scope["path"])(scope, receive, send)
            return
        try:
            await self._answer(key[1], _name(scope, headers, key[1]), scope, receive, send)
        except HTTPException as error:
            refusal = Refusal(HTTPStatus(error.status_code), "too-large", ADVICE[error.status_code])
            await _refused(refusal, scope["path"])(scope, receive, send)
        except CloudError as error:
            await _refused(refusal_of(error), scope["path"])(scope, receive, send)

    async def _answer(self, key: str, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            await self._done_once(key, name, body, scope, receive, send)

    async def _done_once(  # noqa: PLR0917 - what an application is given, and what it is known by
        self, key: str, name: str, body: SpooledTemporaryFile[bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        # On another condition it is another request, and no answer to the first one holds for it.
        condition = Headers(scope=scope).get("if-match")
        asked = hashlib.sha256(b"" if condition is None else condition.encode() + b"\n")
        await _taken(receive, body, asked.update)
        begun = await to_thread.run_sync(self._once.begin, name, key, asked.hexdigest())
        if begun.known is not Known.NEW:
            await _tell(begun, scope, receive, send)
            return
        told = _Told()
        carried = CARRIED.set(name)
        try:
            await self._app(scope, _again(body, receive), told.take)
        finally:
            CARRIED.reset(carried)
            await to_thread.run_sync(self._once.end, name, key, told.kept)
        for message in told.messages:
            await send(message)


class _Told:
    """An answer in the making, held until it is kept: whoever hears it hears the same again."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def take(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def status(self) -> int | None:
        return self.messages[0]["status"] if self.messages else None

    @property
    def kept(self) -> bytes | None:
        """None for what is no answer to the question: the service's own trouble."""
        if self.status is None:
            return None
        start, body = self.messages[0], b"".join(one.get("body", b"") for one in self.messages[1:])
        if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or len(body) > MOST_KEPT:
            return None
        headers = [(name.decode(), value.decode("latin-1")) for name, value in start["headers"] if name in _TOLD_AGAIN]
        record = {"status": start["status"], "headers": headers, "body": base64.b64encode(body).decode()}
        return json.dumps(record).encode()


def _name(scope: Scope, headers: Headers, key: str) -> str:
    cookies = re.search(rf"(?:^|;\s*){SESSION_COOKIE}=([^;]*)", headers.get("cookie", ""))
    who = headers.get("authorization") or (cookies[1] if cookies else "")
    return name_of(who, scope["path"], scope["query_string"].decode("latin-1"), key)


async def _taken(receive: Receive, body: IO[bytes], told: Callable[[bytes], None]) -> None:
    """All of it, before anything is begun."""
    more = True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        body.write(piece)
        told(piece)
        more = message.get("more_body", False)
    body.seek(0)


def _again(body: IO[bytes], receive: Receive) -> Receive:
    """The body as it came, then whatever the connection says."""
    told = False

    async def receive_again() -> Message:
        nonlocal told
        if told:
            return await receive()
        piece = body.read(IN_MEMORY)
        told = len(piece) < IN_MEMORY
        return {"type": "http.request", "body": piece, "more_body": not told}

    return receive_again


def _refused(refusal: Refusal, path: str) -> ASGIApp:
    return for_open311(refusal, path) if path.startswith(open311.PREFIX) else answer(refusal, path)


async def _tell(begun: Begun, scope: Scope, receive: Receive, send: Send) -> None:
    if begun.known is not Known.ANSWERED:
        status, kind, detail = _REFUSED[begun.known]
        headers = {"Retry-After": "1"} if begun.known is Known.UNDER_WAY else {}
        refusal = Refusal(status, kind, detail, headers=headers)
        await _refused(refusal, scope["path"])(scope, receive, send)
        return
    record: dict[str, Any] = json.loads(begun.answer)
    body = base64.b64decode(record["body"])
    again = [(name.encode(), value.encode("latin-1")) for name, value in record["headers"]]
    again += [(b"content-length", str(len(body)).encode()), (b"idempotency-replayed", b"true")]
    await send({"type": "http.response.start", "status": record["status"], "headers": again})
    await send({"type": "http.response.body", "body": body})
