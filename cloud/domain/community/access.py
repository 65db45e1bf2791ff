"""What lets a member in: personal links, sessions and API tokens, of which only hashes are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

IDLE: Final = timedelta(hours=4)
"""A session nobody has used for so long has ended. A page that is open and live uses it: the duty room must not find itself
signed out at night."""
SEEN_EVERY: Final = timedelta(minutes=5)
"""When a key was last used is known to within this: writing it down with each request would cost every request a write."""


class Purpose(StrEnum):
    """What a token is for; it opens nothing else."""

    LINK = "link"
    SESSION = "session"
    API = "api"
    CALENDAR = "calendar"
    SCREEN = "screen"


class Through(StrEnum):
    """By what a session was begun."""

    LINK = "link"
    MESSAGE = "message"
    PASSWORD = "password"  # noqa: S105 - a word
    ORGANISATION = "organisation"
    INVITATION = "invitation"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody comes from and with what, as their owner is shown it: an address and what the browser says it is."""

    address: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """The task and its incident to which a key is bound."""

    task_id: str
    incident_id: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One token, by its hash. A token has 256 random bits, so a plain hash cannot be guessed back.

    `matters`: it opens these and nothing else; none: whatever its member may. `seen_at`: used last, to within `SEEN_EVERY`.
    `factor_by`: a session begun from then on opens nothing before a second factor is proven in it; None: none is asked.
    """

    hash: str
    member_id: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[str] = frozenset()
    label: str = ""
    seen_at: datetime | None = None
    origin: Origin = Origin()
    through: Through | None = None
    matters: tuple[Matter, ...] = ()
    factor_by: datetime | None = None

    @property
    def id(self) -> str:
        """By which its owner names it: enough of the hash to tell it apart, which opens nothing."""
        return self.hash[:24]

    @property
    def used_at(self) -> datetime:
        return self.seen_at or self.created_at

    def alive(self, now: datetime, idle: timedelta = IDLE) -> bool:
        if self.revoked_at is not None or (self.expires_at is not None and now >= self.expires_at):
            return False
        return self.purpose is not Purpose.SESSION or now - self.used_at < idle

    @property
    def held(self) -> bool:
        """By when the session began, not by the time it is: nobody is put out in the middle of an incident."""
        return self.factor_by is not None and self.created_at >= self.factor_by

    def opens(self, purpose: Purpose, now: datetime, idle: timedelta = IDLE) -> bool:
        return self.alive(now, idle) and self.purpose is purpose


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
