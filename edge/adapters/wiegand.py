"""The two lines of a card reader, as pulses with the times of their edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ticks = Any
"""A pin factory's own measure of time; only the factory can tell the seconds between two of them."""
OnBit = Callable[[int, float], None]
"""(bit, seconds on the factory's clock). Called on the factory's thread."""


class WiegandLines:
    """Turns falling edges of D0 and D1 into bits. The factory's ticks put them in order, however late they are told."""

    def __init__(self, d0: Any, d1: Any, seconds_between: Callable[[Ticks, Ticks], float], on_bit: OnBit) -> None:
        self._seconds_between = seconds_between
        self._on_bit = on_bit
        self._reference: Ticks | None = None
        self._at = 0.0
        self._pins = (d0, d1)
        # gpiozero keeps only weak references to what it calls.
        self._callbacks = (lambda ticks, _: self._pulse(0, ticks), lambda ticks, _: self._pulse(1, ticks))
        for pin, callback in zip(self._pins, self._callbacks, strict=True):
            pin.input_with_pull("up")
            pin.edges = "falling"
            pin.when_changed = callback

    def _pulse(self, bit: int, ticks: Ticks) -> None:
        if self._reference is not None:
            # Two threads may tell their edges out of order; ticks that wrap make "a little before" look like an age.
            forward, back = self._seconds_between(ticks, self._reference), self._seconds_between(self._reference, ticks)
            self._at += forward if abs(forward) <= abs(back) else -back
        self._reference = ticks
        self._on_bit(bit, self._at)
