"""How large a body may be: small, except where photos are sent."""

from __future__ import annotations

import re
from typing import Final

MAX_BODY: Final = 64 * 1024
MAX_PHOTO: Final = 10 * 2**20
_PHOTOS: Final = re.compile(r"(/api/v1)?/tasks/[^/]+/photos|/api/v1/public/reports/[^/]+/photos")


def most_of(path: str) -> int:
    """Bytes taken in a request's body."""
    return MAX_PHOTO + MAX_BODY if _PHOTOS.fullmatch(path) else MAX_BODY
