"""How often one may try: a bucket that fills with each try and leaks with time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Against(StrEnum):
    """What is counted: tries at one account from anywhere, and tries from one address at anything."""

    ACCOUNT = "account"
    ADDRESS = "address"


MOST: Final = {Against.ACCOUNT: 10, Against.ADDRESS: 50}
"""A person needs two or three. A whole estate's office and residents may come from one address behind a router."""
EMPTIES_IN: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Bucket:
    """`level` tries were in it at that moment. `source` is a hash: no address is kept."""

    source: str
    against: Against
    level: float
    at: datetime

    def now(self, now: datetime) -> float:
        """What has not leaked out yet. A clock that was set back leaks nothing and forgets nothing."""
        passed = max(timedelta(), now - self.at)
        return max(0.0, self.level - MOST[self.against] * (passed / EMPTIES_IN))

    def full(self, now: datetime) -> bool:
        return self.now(now) + 1 > MOST[self.against]

    def with_one(self, now: datetime) -> Bucket:
        return Bucket(self.source, self.against, self.now(now) + 1, now)

    def without_one(self, now: datetime) -> Bucket:
        return Bucket(self.source, self.against, max(0.0, self.now(now) - 1), now)


def bucket_of(against: Against, source: str, key: bytes, at: datetime) -> Bucket:
    """An empty one. The key keeps whoever reads the table from trying all addresses there are."""
    print_ = hashlib.blake2b(f"{against}|{source}".encode(), key=key, digest_size=32).hexdigest()
    return Bucket(print_, against, 0.0, at)
