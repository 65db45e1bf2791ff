"""The two lines of a card reader, as pulses with the times of their edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edge.adapters.edge_times import EdgeTimes, SecondsBetween, Ticks

OnBit = Callable[[int, float], None]
"""(bit, seconds on the factory's clock). Called on the factory's thread."""


class WiegandLines:
    """Turns falling edges of D0 and D1 into bits. The factory's ticks put them in order, however late they are told."""

    def __init__(self, d0: Any, d1: Any, seconds_between: SecondsBetween, on_bit: OnBit) -> None:
        self._times = EdgeTimes(seconds_between)
        self._on_bit = on_bit
        self._pins = (d0, d1)
        # gpiozero keeps only weak references to what it calls.
        self._callbacks = (lambda ticks, _: self._pulse(0, ticks), lambda ticks, _: self._pulse(1, ticks))
        for pin, callback in zip(self._pins, self._callbacks, strict=True):
            pin.input_with_pull("up")
            pin.edges = "falling"
            pin.when_changed = callback

    def _pulse(self, bit: int, ticks: Ticks) -> None:
        self._on_bit(bit, self._times.at(ticks))
