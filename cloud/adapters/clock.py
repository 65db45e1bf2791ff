"""The time: the machine's own, or one that runs faster so that a simulated day passes in minutes."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC now."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, or for so many seconds of this clock. Whether it was set."""
        return event.wait(seconds)


class FastClock:
    """A clock that starts at `start` and runs `speed` times as fast as the machine's."""

    def __init__(self, speed: float, start: datetime | None = None) -> None:
        if speed <= 0:
            raise ValueError(f"speed is {speed}; a clock runs forward, for example at 60")
        self._speed = speed
        self._start = start or datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._origin) * self._speed

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds / self._speed)
