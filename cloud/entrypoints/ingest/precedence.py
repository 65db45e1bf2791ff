"""Events go first: while one is being handled, telemetry steps aside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MOST_PATIENCE_S: Final = 0.1
"""How long one group of telemetry steps aside altogether: a flood of events slows telemetry and never stops it."""


class Precedence:
    """Two threads share one interpreter lock. A busy one keeps it for a whole switch interval each time the other comes
    back from the disk, which an event's transaction does a dozen times: milliseconds each. So telemetry asks, between two
    batches, whether an event is in work.
    """

    def __init__(self) -> None:
        self._calm = threading.Event()
        self._calm.set()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Around the handling of an event. From one thread."""
        self._calm.clear()
        try:
            yield
        finally:
            self._calm.set()

    def step_aside(self, patience_s: float) -> float:
        """Wait while an event is in work, at most `patience_s`. The patience left."""
        if self._calm.is_set() or patience_s <= 0:
            return patience_s
        step = min(patience_s, MOST_PATIENCE_S / 4)
        self._calm.wait(step)
        return patience_s - step
