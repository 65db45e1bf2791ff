"""Another system that is told what the ledger gains: where, with which secrets, and when it is tried again."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how a secret begins
SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64 random bytes."""

BOTH_SECRETS: Final = timedelta(hours=24)
"""How long what is sent carries a signature by the former secret too, so that a receiver can change without a gap."""

MOST_ATTEMPTS: Final = 9
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=8)

LONGEST_REST: Final = timedelta(hours=24)
"""What is heeded at most of a receiver that asks to be left alone for a while (`Retry-After`)."""

_GROWS: Final = 5
"""Each wait is so many times the last: 5 s, 25 s, 2 min … 8 h, a day and a half altogether."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """`kinds` empty: every kind of entry of the estate's ledger that its party sees. `party_id`: whose it is, for which
    `created_by` acted. `position`: the last entry that was considered for it. `gone_at`: when it said that there is nothing
    at its address any more, which switched it off.
    """

    id: str
    estate: str
    url: str
    secret: str
    created_by: str
    created_at: datetime
    kinds: frozenset[str] = frozenset()
    active: bool = True
    position: int = 0
    former_secret: str | None = None
    former_until: datetime | None = None
    party_id: str = ""
    gone_at: datetime | None = None

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those it is signed with now, the newest first."""
        former = self.former_secret is not None and self.former_until is not None and now < self.former_until
        return (self.secret, self.former_secret) if former and self.former_secret else (self.secret,)

    def rotated(self, secret: str, now: datetime) -> Webhook:
        return replace(self, secret=secret, former_secret=self.secret, former_until=now + BOTH_SECRETS)

    def wants(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


@dataclass(frozen=True, slots=True)
class Tally:
    """How it fares with one webhook: what is on its way, what was given up, and when it last took something."""

    waiting: int = 0
    given_up: int = 0
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One ledger entry on its way to one webhook. Its id is the `webhook-id`, the same at every attempt."""

    id: str
    webhook_id: str
    estate: str
    seq: int
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    why: str | None = None
    held_by: str | None = None
    held_until: datetime | None = None

    def sent(self, now: datetime) -> Posting:
        return replace(self, attempts=self.attempts + 1, sent_at=now, why=None)

    def failed(self, why: str, now: datetime, jitter: float, rest: timedelta = timedelta()) -> Posting:
        """`jitter` from 0 to 1 spreads those that failed together over as much again as they wait. `rest`: for how long the
        receiver asked to be left alone.
        """
        attempts = self.attempts + 1
        wait = min(FIRST_WAIT * _GROWS ** (attempts - 1), LONGEST_WAIT) * (1 + jitter)
        over = now if attempts >= MOST_ATTEMPTS else None
        upcoming = now + max(wait, min(rest, LONGEST_REST))
        return replace(self, attempts=attempts, why=why, next_attempt_at=upcoming, failed_at=over)

    def given_up(self, why: str, now: datetime) -> Posting:
        """No attempt more: there is nothing where it goes."""
        return replace(self, attempts=self.attempts + 1, why=why, failed_at=now)

    def again(self, now: datetime) -> Posting:
        """From the beginning, under the same id. What went wrong before stays readable until it is taken."""
        return replace(self, attempts=0, failed_at=None, next_attempt_at=now)


def secret_of(random: bytes) -> str:
    """A secret as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(random).decode()
