"""The changing parts of a page, for its script: nothing where nothing has changed."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from cloud.entrypoints.web.page import Page
from cloud.entrypoints.web.rendering import Pages

SELDOM_S: Final = 10
"""How often a page asks that somebody follows from afar; a building's, where lifts move, asks oftener."""


def part(
    request: Request, pages: Pages, template: str, page: Page, *, said: object, view: Callable[[], Mapping[str, Any]]
) -> Response:
    """`said`: everything that the part says, but for the time at which it is asked; its `repr` tells it from another. `view`:
    what the template is given, where it has to be written.
    """
    tag = hashlib.blake2b(repr((page.path, said)).encode(), digest_size=12).hexdigest()
    etag = f'"{page.language}-{tag}"'
    # The script keeps the tag by itself: nothing of what a private link opens lies in a cache.
    headers = {"ETag": etag, "Cache-Control": "no-store", "Vary": "Cookie, Accept-Language, Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    html = pages.html(template, page, **view())
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(html, media_type="text/html", headers=headers)
    # A tower's third of a megabyte comes every two seconds: a tenth of it does, for two milliseconds here.
    packed = gzip.compress(html.encode(), 1)
    return Response(packed, media_type="text/html", headers={**headers, "Content-Encoding": "gzip"})
