"""One time for cloud and nodes that runs faster than the machine's, so that a simulated day passes in minutes."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta


class FastTime:
    """Serves as the clock of the cloud and of every node at once: what one calls now, all do.

    `speed`: seconds of this clock per second of the machine's. Starts at the machine's present time.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.boot = str(uuid.uuid4())
        self._start = datetime.now(UTC)
        self._origin = time.monotonic()

    def at(self, machine: float) -> float:
        """This clock's seconds since 1970 at a moment that the machine's wall clock calls `machine`."""
        start = self._start.timestamp()
        return start + (machine - start) * self.speed

    def monotonic(self) -> float:
        return (time.monotonic() - self._origin) * self.speed

    mono = monotonic

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def wall(self) -> float:
        return self.now().timestamp()

    def synchronised(self) -> bool:
        return True

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds / self.speed)
