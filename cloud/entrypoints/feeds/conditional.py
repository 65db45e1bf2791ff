"""Answering only who has not seen it yet: ETag and Last-Modified (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request
from fastapi.responses import Response

from cloud.application.asking.feed_marks import FeedMark


def answered(
    request: Request, mark: FeedMark, media_type: str, body: Callable[[], bytes], *, public: bool = True
) -> Response:
    """304 for who has seen it; else what `body` writes, which nobody else pays for."""
    headers = {
        "ETag": f'W/"{mark.tag}"',
        "Last-Modified": format_datetime(_whole(mark.changed_at), usegmt=True),
        "Cache-Control": "public, max-age=15" if public else "private, no-cache",
    }
    if _seen(request, headers["ETag"], mark.changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body(), media_type=media_type, headers=headers)


def _seen(request: Request, tag: str, changed_at: datetime) -> bool:
    """By the tag where one is sent; by the date only where none is."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag.removeprefix("W/") in {
            one.strip().removeprefix("W/") for one in tags.split(",")
        }
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except ValueError:
        return False  # A date that cannot be read is as good as none.
    return _whole(changed_at) <= (moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _whole(moment: datetime) -> datetime:
    """The header knows whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0)
