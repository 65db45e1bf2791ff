"""A member's account: under which name they sign in, and by what they prove themselves."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

LOGIN: Final = re.compile(r"[\w][\w.@+-]{1,63}")


def login_name(typed: str) -> str:
    """As it is kept and compared: width and case make no difference."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def is_login(name: str) -> bool:
    """Whether a name, as `login_name` gives it, can be one: 2 to 64 letters, digits and . _ @ + -."""
    return LOGIN.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody at an organisation's provider (OpenID Connect Core 1.0, 5.7): only both together name a person."""

    issuer: str
    sub: str


@dataclass(frozen=True, slots=True)
class Account:
    """`password` is what argon2 made of it; `secret` the second factor's, sealed, and `pending` one that its owner has not
    proven yet. `step`: the time step of the code used last, so that none counts twice (RFC 6238, 5.2).
    """

    member_id: str
    login: str
    created_at: datetime
    password: str | None = None
    password_at: datetime | None = None
    secret: str | None = None
    pending: str | None = None
    step: int = -1
    subject: Subject | None = None

    @property
    def second_factor(self) -> bool:
        return self.secret is not None

    def with_password(self, hashed: str, now: datetime) -> Account:
        return replace(self, password=hashed, password_at=now)

    def without_second_factor(self) -> Account:
        return replace(self, secret=None, pending=None, step=-1)

    def confirmed(self, step: int) -> Account:
        """The pending secret was proven by the code of that step."""
        return replace(self, secret=self.pending, pending=None, step=step)
