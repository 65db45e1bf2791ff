"""How often somebody may try what is secret: failures are counted by where they come from, in a window that moves."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.ports import Clock
from cloud.errors import Throttled

WINDOW: Final = timedelta(minutes=10)
MOST_FAILURES: Final = 10
"""In one window. Whoever types a code needs two or three tries; a secret has 80 bits."""

_MOST_SOURCES: Final = 10_000
_MOST_ALTOGETHER: Final = 2_000
"""Failures from everywhere in one window after which nobody may try: somebody guesses from many places."""


class Attempts:
    """Kept in memory of one process: a restart forgives. From any thread."""

    def __init__(self, clock: Clock, most: int = MOST_FAILURES, window: timedelta = WINDOW) -> None:
        self._clock, self._most, self._window = clock, most, window
        self._failures: dict[str, deque[datetime]] = {}
        self._lock = Lock()

    def require(self, source: str) -> None:
        """Raises Throttled when too much has failed from there lately."""
        with self._lock:
            self._forget()
            known = self._failures.get(source, ())
            everywhere = sum(len(failures) for failures in self._failures.values())
            if len(known) >= self._most or everywhere >= _MOST_ALTOGETHER:
                minutes = int(self._window.total_seconds() // 60)
                raise Throttled(
                    f"Too many wrong codes came from there. Wait {minutes} minutes, then try the right one.",
                    f"错误次数过多，请 {minutes} 分钟后再试",
                )

    def failed(self, source: str) -> None:
        with self._lock:
            if source in self._failures or len(self._failures) < _MOST_SOURCES:
                self._failures.setdefault(source, deque(maxlen=self._most)).append(self._clock.now())

    def _forget(self) -> None:
        since = self._clock.now() - self._window
        for source in list(self._failures):
            failures = self._failures[source]
            while failures and failures[0] <= since:
                failures.popleft()
            if not failures:
                del self._failures[source]
