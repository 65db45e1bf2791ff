"""What several people edit carries an ETag; whoever says with If-Match which one they saw overwrites nothing that came since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

from fastapi import Header, Response
from fastapi.encoders import jsonable_encoder

from cloud.entrypoints.api.problems import Refusal, documented

_Document = TypeVar("_Document")

_DIGITS: Final = 32
CHANGED: Final = documented(HTTPStatus.PRECONDITION_FAILED)
"""What such a route may answer besides."""

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=256,
        description="The ETag seen; 412 where it has changed since (RFC 9110, 13.1.1). Without it the last one to write wins.",
    ),
]


def tag(version: int) -> str:
    """Of what counts its versions itself."""
    return f'"{version}"'


def tag_of(document: Any) -> str:
    """Of what does not: a digest of all that it says."""
    said = json.dumps(jsonable_encoder(document), sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]}"'


def tagged(response: Response, found: str) -> None:
    response.headers["ETag"] = found


def require(if_match: str | None, found: str) -> None:
    """Raises Refusal (412)."""
    if if_match is None:
        return
    seen = [one.strip().removeprefix("W/") for one in if_match.split(",")]
    if "*" in seen or found in seen:
        return
    detail = f"It has changed since you saw it: it is {found} now. Read it again and decide anew."
    raise Refusal(HTTPStatus.PRECONDITION_FAILED, "precondition-failed", detail, headers={"ETag": found})


def checking(if_match: str | None) -> Callable[[Any], None]:
    """To be asked within the unit of work that writes, of what stands there: nobody comes in between."""

    def check(document: _Document) -> None:
        if if_match is not None:
            require(if_match, tag_of(document))

    return check


def seen_version(if_match: str | None, version: Callable[[], int]) -> int | None:
    """The version that was seen, where that is still the latest; the use case refuses when it is so no more. Raises Refusal."""
    if if_match is None or if_match.strip() == "*":
        return None
    latest = version()
    require(if_match, tag(latest))
    return latest
