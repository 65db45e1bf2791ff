"""When the rest of a party is called: those on duty have had their share of the time to accept, and none of them did."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

SHARE: Final = 1 / 2
SHARE_LIFE_SAFETY: Final = 1 / 4
"""Of the time to accept, what belongs to those on duty alone; three minutes for a trapped person leave them 45 seconds."""

LATEST_LIFE_SAFETY: Final = timedelta(minutes=1)
"""Where life is at stake the rest is never called later than this, however long a matrix lets a party take."""


def second_round_after(limit: timedelta, *, life_safety: bool) -> timedelta:
    """How long after the call to those on duty the rest of the party is called. `limit`: the time to accept that is left."""
    if limit <= timedelta():
        return timedelta()
    if life_safety:
        return min(limit * SHARE_LIFE_SAFETY, LATEST_LIFE_SAFETY)
    return limit * SHARE
