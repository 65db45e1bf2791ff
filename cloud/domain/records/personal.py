"""Personal data beside the ledger: the chain holds a salted digest, the words stand here and can be erased without it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

SALT_BYTES: Final = 16


class PersonalClass(StrEnum):
    """What it is; how long it is kept is set per class."""

    NOTE = "note"
    CONTACT = "contact"
    REPORTER = "reporter"
    POSTING = "posting"
    VOTE = "vote"
    """How an owner voted, and the owner's line on the roll of that ballot."""
    SIGNATURE = "signature"
    """Who signed a petition."""
    CONSENT = "consent"
    """What somebody allowed about their own home, and whom they want to be phoned."""
    OWNER = "owner"
    """Which member an owner on the electoral roll is."""


class Ground(StrEnum):
    """Why it is erased."""

    ASKED = "asked"
    ORDERED = "ordered"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class PersonalRecord:
    """One piece of it. `subject`: the key of the person it is about (or whose words it holds), such as `member:guard` or a
    random one for a reporter; never a name. Erased, it keeps its place without words and without salt: short words
    could be guessed back from a digest whose salt is known.
    """

    id: str
    estate: str
    subject: str
    sort: PersonalClass
    at: datetime
    text: str
    salt: str
    incident_id: str | None = None
    erased_at: datetime | None = None

    @property
    def digest(self) -> str:
        """What the chain holds of it."""
        return digest(self.salt, self.text)

    def erased(self, now: datetime) -> PersonalRecord:
        return replace(self, text="", salt="", erased_at=now)

    def is_what(self, entry_digest: str) -> bool:
        """Whether these are the words that the chain attests. Erased ones can no longer be told."""
        return self.erased_at is not None or self.digest == entry_digest


def new_salt() -> str:
    return secrets.token_hex(SALT_BYTES)


def digest(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()
