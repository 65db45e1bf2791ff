"""How often somebody may report without signing in: by where it comes from, never by what it is about."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.ports import Clock
from cloud.errors import Throttled

WINDOW: Final = timedelta(minutes=10)
MOST_OF_DEVICE: Final = 5
MOST_OF_ADDRESS: Final = 40
"""A building behind one router reports through one address."""

_MOST_SOURCES: Final = 10_000


class Throttle:
    """Kept in memory of one process, so that no address is stored: a restart forgives. From any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._key, self._lock = clock, secrets.token_bytes(32), Lock()
        self._seen: dict[str, deque[datetime]] = {}

    def device(self, address: str, browser: str) -> str:
        """A print of both under a key that nobody has: it tells two reporters apart and cannot be traced back."""
        return hmac.new(self._key, f"{address}|{browser}".encode(), hashlib.sha256).hexdigest()

    def take(self, address: str, device: str) -> None:
        """Counts one. Raises Throttled when too many came from there lately."""
        now = self._clock.now()
        with self._lock:
            self._forget(now)
            if len(self._seen) >= _MOST_SOURCES:
                raise self._refused()
            for source, most in ((f"address {address}", MOST_OF_ADDRESS), (f"device {device}", MOST_OF_DEVICE)):
                if len(self._seen.get(source, ())) >= most:
                    raise self._refused()
            for source in (f"address {address}", f"device {device}"):
                self._seen.setdefault(source, deque()).append(now)

    def _forget(self, now: datetime) -> None:
        for source in list(self._seen):
            times = self._seen[source]
            while times and times[0] <= now - WINDOW:
                times.popleft()
            if not times:
                del self._seen[source]

    @staticmethod
    def _refused() -> Throttled:
        return Throttled(
            "Too many reports came from here just now. In an emergency call 119, 120 or 110; else try in ten minutes.",
            "短时间内报告过多。紧急情况请拨打119、120或110，否则请十分钟后再试",
        )
