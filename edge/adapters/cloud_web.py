"""The cloud's web address, asked straight: through no proxy, after no redirection, and whatever answers is only quoted."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from edge.errors import EnrolmentError

_ANSWER_S: Final = 20.0
_MOST_BYTES: Final = 64 * 1024
_QUOTED: Final = 300
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def address_of(cloud: str) -> str:
    """Scheme, host and port of what was given as --cloud. Raises EnrolmentError."""
    try:
        parts = urlsplit(cloud)
        known = parts.hostname and (parts.port is None or parts.port > 0) and cloud.isprintable()
    except ValueError:
        known = None
    if not known:
        raise EnrolmentError(
            f"--cloud {quoted(cloud)!r} is no address: give one that begins with https://, such as https://tocsin.example"
        )
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return f"{parts.scheme}://{parts.netloc}"
    raise EnrolmentError(
        f"--cloud {cloud}: give an address that begins with https:// - on the way to it a claim code in the clear could be "
        "read and used by others"
    )


def send(request: Request, context: ssl.SSLContext) -> bytes:
    """What is answered, up to 64 KiB of it. Blocking. Raises EnrolmentError."""
    # Straight to the cloud: a proxy of the environment would be one more who stands in between.
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context), _NoRedirection)
    try:
        with opener.open(request, timeout=_ANSWER_S) as answer:
            found: bytes = answer.read(_MOST_BYTES)
            return found
    except HTTPError as error:
        with error:
            detail = _detail(error)
        raise EnrolmentError(f"{request.host} refuses: {quoted(detail)}") from error
    except (URLError, OSError, http.client.HTTPException) as error:
        reason = quoted(str(getattr(error, "reason", error)))
        raise EnrolmentError(f"{request.host} cannot be reached: {reason}; check --cloud and the network") from error


def quoted(said: str) -> str:
    """What somebody else said, fit for a terminal and a log: nothing that steers them, and not without end."""
    seen = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in said[:_QUOTED])
    return seen if len(said) <= _QUOTED else f"{seen}…"


class _NoRedirection(HTTPRedirectHandler):
    """A request carries a claim code or a certificate: nobody else is given it because an answer says so."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _detail(error: HTTPError) -> str:
    if error.code in range(300, 400):
        return f"it points to another address (HTTP {error.code}); give that one as --cloud if it is the cloud's"
    try:
        problem: dict[str, Any] = json.loads(error.read(_MOST_BYTES))
        return str(problem["detail"])
    except (ValueError, KeyError, TypeError, RecursionError, OSError, http.client.HTTPException):
        return f"HTTP {error.code}"
