"""What lets a member in: personal links, sessions and API tokens, of which only hashes are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a token is for; it opens nothing else."""

    LINK = "link"
    SESSION = "session"
    API = "api"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One token, by its hash. A token has 256 random bits, so a plain hash cannot be guessed back."""

    hash: str
    member_id: str
    purpose: Purpose
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[str] = frozenset()
    label: str = ""

    def opens(self, purpose: Purpose, now: datetime) -> bool:
        alive = self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
        return alive and self.purpose is purpose


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
