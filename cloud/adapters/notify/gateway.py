"""Text messages and calls through whatever HTTP interface a provider has, as the operator's settings describe it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cloud.adapters.notify.outward import Outward
from cloud.adapters.notify.patience import PATIENCE_S
from cloud.adapters.notify.template import NAMES, fill, form_of, unknown
from cloud.application.messages import Answered, Message, NotSent
from cloud.application.tasks.answer_call import Keypad
from cloud.domain.community.faults import fault
from cloud.errors import Invalid
from cloud.notify_settings import Gateway

LONGEST_ANSWER: Final = 64 * 1024


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class GatewayChannel:
    """Implements `messages.Channel`. The URL is the operator's, so it may be a relay in the house. What is sent again
    carries the same `${id}`, for providers that know idempotency keys. `outward`: through which it goes where the URL is not
    the operator's.
    """

    def __init__(
        self, kind: str, gateway: Gateway, now: Callable[[], datetime], outward: Outward | None = None
    ) -> None:
        self._gateway, self._now, self._outward = gateway, now, outward
        self._open = build_opener(_NoRedirects).open
        _check(kind, gateway)
        self._success = re.compile(gateway.success) if gateway.success else None
        self.rings = gateway.callback is not None
        self.carries_links = not self.rings

    def deliver(self, message: Message) -> None:
        status, said = self._ask(self._request(message))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise Answered(fault("gateway-answered", status=status), said)
        if self._success is not None and self._success.search(said) is None:
            raise Answered(fault("gateway-not-confirmed"), said)

    def _ask(self, request: Request) -> tuple[int, str]:
        """(status, body). Raises NotSent."""
        if self._outward is not None:
            assert request.data is None or isinstance(request.data, bytes), "as it was made"
            headers = dict(request.header_items())
            answer = self._outward.request(request.get_method(), request.full_url, request.data, headers)
            return answer.status, answer.body.decode("utf-8", "replace")
        try:
            with self._open(request, timeout=PATIENCE_S) as opened:
                return opened.status, opened.read(LONGEST_ANSWER).decode("utf-8", "replace")
        except HTTPError as error:
            with error:
                return error.code, error.read(LONGEST_ANSWER).decode("utf-8", "replace")
        except (OSError, URLError, http.client.HTTPException) as error:
            # From None: an error of the library may quote the URL with its secrets.
            raise NotSent(fault("gateway-unreachable", detail=type(error).__name__)) from None

    def _request(self, message: Message) -> Request:
        gateway, values = self._gateway, self._values(message)
        kind = next((v for k, v in gateway.headers.items() if k.lower() == "content-type"), "")
        body = fill(gateway.body, values, form_of(kind)) if gateway.body else ""
        signed = fill(gateway.signed, {**values, "body": body}, "text") if gateway.signed else ""
        secret = gateway.secret.get_secret_value() if gateway.secret else ""
        values["signature"] = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest() if signed else ""
        headers = {name: _one_line(fill(value, values, "text")) for name, value in gateway.headers.items()}
        url = fill(gateway.url, values, "form")
        assert urlsplit(url).scheme in ("http", "https"), "held by the settings"
        data = body.encode() if gateway.body else None
        return Request(url, data, headers, method=gateway.method)  # noqa: S310 - http(s) by the settings

    def _values(self, message: Message) -> dict[str, str]:
        return {
            "address": message.address,
            "text": message.text,
            "name": message.name,
            "language": message.language,
            "id": message.id,
            "link": message.link or "",
            "callback": message.callback or "",
            "secret": self._gateway.secret.get_secret_value() if self._gateway.secret else "",
            "time": str(int(self._now().timestamp())),
            "signature": "",
            "body": "",
        }


def _check(kind: str, gateway: Gateway) -> None:
    """Raises Invalid, which names every placeholder that is none."""
    faults = []
    parts = {"url": gateway.url, "body": gateway.body, "signed": gateway.signed}
    for part, template in {**parts, **{f"headers.{name}": value for name, value in gateway.headers.items()}}.items():
        try:
            faults += [f"notify.gateways.{kind}.{part}: nothing stands for ${{{name}}}" for name in unknown(template)]
        except ValueError as error:
            faults.append(f"notify.gateways.{kind}.{part}: {error}")
    if faults:
        raise Invalid(f"The gateway {kind} cannot be used.", [*faults, f"known are: {', '.join(sorted(NAMES))}"])


def _one_line(value: str) -> str:
    """A header is one line of Latin-1; whatever else a value holds must not become another header."""
    return re.sub(r"[^\x20-\x7e\xa0-\xff]", "", value)


def pressed(gateway: Gateway, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Which key a provider's callback says was pressed; None where it says none, or its signature does not hold."""
    callback = gateway.callback
    if callback is None or not _genuine(gateway, body, headers):
        return None
    found = re.search(callback.key, body.decode("utf-8", "replace"))
    return found.group(1) if found else None


def keypad_of(gateway: Gateway) -> Keypad | None:
    """How it tells which key was pressed; None where it takes none."""
    callback = gateway.callback
    if callback is None:
        return None
    return Keypad(callback.accept, partial(pressed, gateway), callback.answer, callback.content_type)


def _genuine(gateway: Gateway, body: bytes, headers: Mapping[str, str]) -> bool:
    callback = gateway.callback
    if callback is None or callback.signature_header is None:
        return True
    assert callback.secret is not None, "held by the settings"
    known = {name.lower(): value for name, value in headers.items()}
    given = known.get(callback.signature_header.lower(), "").removeprefix("sha256=").strip().lower()
    moment = known.get(callback.time_header.lower(), "") if callback.time_header else ""
    signed = f"{moment}.".encode() + body if callback.time_header else body
    right = hmac.new(callback.secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given.encode(), right.encode())
