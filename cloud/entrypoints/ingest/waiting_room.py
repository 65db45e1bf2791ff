"""Where messages wait between the connection's thread and the one that stores them: bounded, in order."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime
from typing import Final

from cloud.entrypoints.ingest.decoding import Arrival

CAPACITY_BYTES: Final = 64 * 1024 * 1024
"""Ten seconds of 12,000 messages a second; a store that stands still for longer lets nodes repeat."""

_OVERHEAD: Final = 300
"""What a waiting message costs besides its payload."""


class WaitingRoom:
    """One thread puts, one takes. When it is full the newcomer is turned away, unacknowledged, and comes again: blocking
    the connection instead would make events wait for telemetry.
    """

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._queue: deque[Arrival] = deque()
        self._capacity = capacity_bytes
        # Written by one thread each, so that neither needs a lock.
        self._bytes_in = 0
        self._bytes_out = 0
        self.somebody = threading.Event()
        self.turned_away = 0

    def put(self, arrival: Arrival) -> bool:
        size = len(arrival.payload) + _OVERHEAD
        if self._bytes_in - self._bytes_out + size > self._capacity:
            self.turned_away += 1
            return False
        self._bytes_in += size
        self._queue.append(arrival)
        if not self.somebody.is_set():
            self.somebody.set()
        return True

    def take(self, most: int) -> list[Arrival]:
        """What waits, first come first, at most so many. Does not wait."""
        # Cleared before looking: whoever is put after the look sets it again.
        self.somebody.clear()
        queue, taken = self._queue, list[Arrival]()
        while queue and len(taken) < most:
            arrival = queue.popleft()
            self._bytes_out += len(arrival.payload) + _OVERHEAD
            taken.append(arrival)
        if queue:
            self.somebody.set()
        return taken

    @property
    def oldest(self) -> datetime | None:
        """When the first in the queue arrived."""
        try:
            return self._queue[0].at
        except IndexError:
            return None

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def fullness(self) -> float:
        """0 when empty, 1 when full."""
        return (self._bytes_in - self._bytes_out) / self._capacity
