"""A screen on a wall: it looks at one party's duty room, does nothing, and lasts until it is taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.access import Origin
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role

OPENED_WITHIN: Final = timedelta(days=1)
"""Its link opens it once, on the wall, within a day: what lies in a chat longer opens nothing."""
SEEN_EVERY: Final = timedelta(minutes=2)
"""It asks every half minute; written down with each, that would be a write each."""
GONE_AFTER: Final = timedelta(minutes=6)
"""Not heard for three times as long: nobody is reached there any more."""
LONGEST_LABEL: Final = 64
NOWHERE: Final = Origin()
MOST: Final = 50
"""Of one estate. More are not hung; each that is forgotten is a key that lies about."""


class ScreenState(StrEnum):
    """`waiting` to be opened on its wall; `expired`: nobody opened it in time."""

    WAITING = "waiting"
    EXPIRED = "expired"
    LIVE = "live"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Screen:
    """`hash` is of its link's token until it is opened, then of the one its browser holds. `made_by` is whoever made it; it
    outlasts them.
    """

    id: str
    hash: str
    estate: str
    party_id: str
    label: str
    made_by: str
    created_at: datetime
    opened_at: datetime | None = None
    seen_at: datetime | None = None
    origin: Origin = NOWHERE

    def opens(self, now: datetime) -> bool:
        """Whether its link still opens it."""
        return self.opened_at is None and now - self.created_at < OPENED_WITHIN

    def opened(self, hash_: str, origin: Origin, now: datetime) -> Screen:
        """On this browser and no other: the link's token is worth nothing from now on."""
        return replace(self, hash=hash_, origin=origin, opened_at=now, seen_at=now)

    def state(self, now: datetime) -> ScreenState:
        if self.opened_at is None:
            return ScreenState.WAITING if self.opens(now) else ScreenState.EXPIRED
        return ScreenState.GONE if now - (self.seen_at or self.opened_at) > GONE_AFTER else ScreenState.LIVE

    @property
    def member(self) -> Member:
        """As whom it looks: nobody of the register. What it may, access decides by what it came with, not by this role."""
        return Member(f"screen:{self.id}", self.party_id, Names(self.label, self.label), Role.RESPONDER)
