"""When edges happened, as the pin factory measured it: exact though they are told late, in bursts or out of order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ticks = Any
"""A pin factory's own measure of time; only the factory can tell the seconds between two of them."""
SecondsBetween = Callable[[Ticks, Ticks], float]
"""(later, earlier). Factories whose ticks wrap take "a little before" for an age."""


class EdgeTimes:
    """Seconds on the factory's clock, counted from the first edge. Differences are what matters."""

    def __init__(self, seconds_between: SecondsBetween) -> None:
        self._seconds_between = seconds_between
        self._reference: Ticks | None = None
        self._at = 0.0

    def at(self, ticks: Ticks) -> float:
        if self._reference is not None:
            forward, back = self._seconds_between(ticks, self._reference), self._seconds_between(self._reference, ticks)
            self._at += forward if abs(forward) <= abs(back) else -back
        self._reference = ticks
        return self._at
