"""How often one may try: a bucket that fills with each try and leaks with time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil
from typing import Final


class Against(StrEnum):
    """What is counted: tries at one account from anywhere, tries from one address at anything, codes of labels that there are
    not, and claim codes and certificates of nodes that open nothing.
    """

    ACCOUNT = "account"
    ADDRESS = "address"
    LABEL = "label"
    CLAIM = "claim"


EMPTIES_IN: Final = timedelta(minutes=15)
_EXACT: Final = 1e-6
"""Of a try: sums of fractions are as exact as this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tries in `EMPTIES_IN`. A person needs two or three; a whole estate's office and residents may come from one
    address behind a router.
    """

    account: int = 10
    address: int = 50
    label: int = 20
    claim: int = 20

    def of(self, against: Against) -> int:
        return {
            Against.ACCOUNT: self.account,
            Against.ADDRESS: self.address,
            Against.LABEL: self.label,
            Against.CLAIM: self.claim,
        }[against]


USUAL: Final = Limits()


@dataclass(frozen=True, slots=True)
class Bucket:
    """`level` tries were in it at that moment, of `most`. `source` is a hash: no address is kept."""

    source: str
    against: Against
    level: float
    at: datetime
    most: int

    def now(self, now: datetime) -> float:
        """What has not leaked out yet. A clock that was set back leaks nothing and forgets nothing."""
        passed = max(timedelta(), now - self.at)
        return max(0.0, self.level - self.most * (passed / EMPTIES_IN))

    def full(self, now: datetime) -> bool:
        return self.now(now) + 1 > self.most + _EXACT

    def waits(self, now: datetime) -> timedelta:
        """Until one more is let through, in whole seconds."""
        over = max(0.0, self.now(now) + 1 - self.most)
        return timedelta(seconds=ceil(over * (EMPTIES_IN.total_seconds() / self.most)))

    def with_one(self, now: datetime) -> Bucket:
        return replace(self, level=self.now(now) + 1, at=now)

    def without_one(self, now: datetime) -> Bucket:
        return replace(self, level=max(0.0, self.now(now) - 1), at=now)


_OF_ONE_HOUSEHOLD: Final = 64
"""Bits of an IPv6 address that say whose it is: everybody who has one has 2^64, and may take another for each try (RFC 6177)."""


def whose(address: str) -> str:
    """What stands for everybody behind one connection: an IPv4 address, or an IPv6 network. What is no address stays itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _OF_ONE_HOUSEHOLD), strict=False))


def bucket_of(against: Against, source: str, key: bytes, at: datetime, most: int) -> Bucket:
    """An empty one. The key keeps whoever reads the table from trying all addresses there are."""
    source = source if against is Against.ACCOUNT else whose(source)
    print_ = hashlib.blake2b(f"{against}|{source}".encode(), key=key, digest_size=32).hexdigest()
    return Bucket(print_, against, 0.0, at, most)
