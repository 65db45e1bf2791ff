"""How much a program may ask: a bucket for each token, session or address that drains evenly (RateLimit header fields)."""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cloud.domain.accounts.throttle import whose
from cloud.entrypoints.api.access import SESSION_COOKIE
from cloud.entrypoints.api.failures import Render, answering
from cloud.entrypoints.api.problems import Refusal
from cloud.entrypoints.open311 import answers as open311

WINDOW_S: Final = 60
MOST_BUCKETS: Final = 10_000
"""Two megabytes at the most. What is pushed out begins anew, full: nobody is refused for another's sake."""

LABELS: Final = "/at/"
"""What is behind the labels on lifts and doors: nobody finds them by trying codes, and everybody reports there at any time."""

PAGES: Final = (LABELS, "/public/")
PACED: Final = ("/api/", "/feeds/", open311.PREFIX, *PAGES)
OPEN: Final = ("/feeds/", open311.PREFIX, "/api/v1/public/", *PAGES)
"""Where nobody looks at what is carried, so that it proves nothing."""
NEVER: Final = frozenset({"/api/v1/public/reports", "/open311/v2/requests.json", "/open311/v2/requests.xml"})
"""Somebody may be trapped: reports have a throttle of their own that knows what life is at stake in."""


_SESSION: Final = re.compile(rf"(?:^|;\s*)({SESSION_COOKIE}=[^;]*)")


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests in `WINDOW_S` seconds: of a token or session that has opened a door, and of an address, behind which a whole
    building may be. Each process counts for itself: a statement in the database for each request would cost more than it guards.
    """

    known: int = 6000
    unknown: int = 600


USUAL: Final = Pace()


class Paced:
    """ASGI middleware within the guard. From the event loop only; nothing in it waits."""

    def __init__(
        self, app: ASGIApp, *, pace: Pace, clock: Callable[[], float] = time.monotonic, respond: Render | None = None
    ) -> None:
        """`respond`: makes the answer where one is refused, for people a page."""
        self._app, self._pace, self._clock = app, pace, clock
        self._respond = respond or answering()
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        """What is left in each, and when that was so. The one asked last stands last."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        posts_report = scope["type"] == "http" and scope["method"] == "POST" and _reports(scope["path"])
        if scope["type"] != "http" or not scope["path"].startswith(PACED) or posts_report:
            await self._app(scope, receive, send)
            return
        carried, address = _asks(scope)
        proven = carried is not None and carried in self._buckets
        who, most = (carried, self._pace.known) if proven and carried else (address, self._pace.unknown)
        left, wait = self._take(who, most)
        # As draft-ietf-httpapi-ratelimit-headers-11 writes them; there is no RFC yet.
        told = {"RateLimit-Policy": f'"default";q={most};w={WINDOW_S}', "RateLimit": f'"default";r={left};t={wait}'}

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Not by its status: of a door that is not there, nobody asks for a key.
                if carried is not None and not proven and scope.get("state", {}).get("identity") is not None:
                    self._keep(carried, float(self._pace.known))
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    # Both are lists: what a use case has counted by itself stands beside it.
                    headers[name] = f"{value}, {headers[name]}" if name in headers else value
            await send(message)

        if left < 0:
            told["RateLimit"] = f'"default";r=0;t={wait}'
            refused = await self._respond(Request(scope, receive), *_refusal(scope["path"], most, wait))
            await refused(scope, receive, send_told)
            return
        await self._app(scope, receive, send_told)

    def _take(self, who: bytes, most: int) -> tuple[int, int]:
        """How many are left after this one, -1 when there was none; in how many seconds there is one more, or all are back."""
        now, rate = self._clock(), most / WINDOW_S
        before, at = self._buckets.pop(who, (float(most), now))
        full = min(float(most), before + (now - at) * rate)
        granted = full >= 1
        left = full - 1 if granted else full
        self._keep(who, left)
        return (int(left), ceil((most - left) / rate)) if granted else (-1, max(1, ceil((1 - full) / rate)))

    def _keep(self, who: bytes, left: float) -> None:
        self._buckets[who] = left, self._clock()
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)


def _asks(scope: Scope) -> tuple[bytes | None, bytes]:
    """What opens the door where one is asked for it, and the address; as hashes."""
    headers = Headers(scope=scope)
    session = _SESSION.search(headers.get("cookie", ""))
    carried = headers.get("authorization") or (session[1] if session else None)
    address = scope["client"][0] if scope.get("client") else "unknown"
    public = carried is None or scope["path"].startswith(OPEN)
    return None if public else _hash(f"known {carried}"), _hash(f"address {whose(address)}")


def _reports(path: str) -> bool:
    return path in NEVER or path.startswith(LABELS)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]


def _refusal(path: str, most: int, wait: int) -> tuple[Refusal, str]:
    """For a program, or, behind a label and on public pages, for a person, in both languages."""
    detail = f"More than {most} requests in {WINDOW_S} s came from there. Wait {wait} s; follow /api/v1/live or a feed's ETag."
    if path.startswith(PAGES):
        detail = f"Very much is being asked from where you are. Wait {wait} s and open this page again."
    zh = f"您所在的网络请求过于频繁，请等待{wait}秒后重新打开本页"
    headers = {"Retry-After": str(wait)}
    return Refusal(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", detail, headers=headers), zh
