"""Fresh ids from a source of randomness, in order even within one millisecond."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from cloud.domain.fleet.identifiers import RANDOM_BYTES, uuid7


class RandomIds:
    """Implements `ports.Ids`. Ids of one process never go backward, whatever the clock does."""

    def __init__(self, randomness: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._randomness = randomness
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def new(self, now: datetime) -> str:
        with self._lock:
            self._last = max(now, self._last + timedelta(milliseconds=1))
            return uuid7(self._last, self._randomness(RANDOM_BYTES))
