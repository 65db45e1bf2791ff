"""How large a body may be: small, except where photos, an estate's files, or a node's whole document as a form are sent."""

from __future__ import annotations

import re
from typing import Final

MAX_BODY: Final = 64 * 1024
MAX_PHOTO: Final = 10 * 2**20
MAX_REPORT: Final = 32 * 2**20
"""A resident's report with a photo that is too large is still a report: the photo alone is refused, by who looks at it."""
MAX_FILES: Final = 4 * 2**20
"""An estate of 200 buildings in all its tables has 2 MiB."""
_FILES: Final = frozenset({"/import", "/api/v1/imports", "/consultation/roll", "/api/v1/electoral-roll"})
MAX_DOCUMENT: Final = 4 * MAX_BODY
"""A document of 64 KiB written as YAML, and that as a form writes it; an estate's matrix, or a calendar, is no longer."""

_DOCUMENTS: Final = re.compile(
    r"/nodes/[^/]+/document(/check)?|/duties/matrix(/check)?|/rosters/[^/]+/calendar"
    r"|/api/v1/duties/matrix(/dry-run)?|/api/v1/estates/[^/]+/rosters/[^/]+/calendar"
)
_PHOTOS: Final = re.compile(r"(/api/v1)?/tasks/[^/]+/photos|/api/v1/public/reports/[^/]+/photos")
_REPORTS: Final = re.compile(r"/at/[^/]+|/follow/[^/]+/photos")


def most_of(path: str) -> int:
    """Bytes taken in a request's body."""
    if _REPORTS.fullmatch(path):
        return MAX_REPORT
    if path in _FILES:
        return MAX_FILES + MAX_BODY
    if _DOCUMENTS.fullmatch(path):
        return MAX_DOCUMENT
    return MAX_PHOTO + MAX_BODY if _PHOTOS.fullmatch(path) else MAX_BODY
