"""Presence in a car from which nobody can get out, counted in separate pulses."""

from __future__ import annotations

from collections import deque

from edge.domain.signals import Finding, PointValue

CONFINED_WINDOW_S = 90.0
OFF_LEVEL_WINDOW_S = 15.0


class Confinement:
    """Counts presence pulses while the car stands with its door closed at level, and while it stands off level."""

    def __init__(self) -> None:
        self._confined = _PulseWindow(CONFINED_WINDOW_S)
        self._off_level = _PulseWindow(OFF_LEVEL_WINDOW_S)
        self._present = False

    @property
    def due(self) -> float | None:
        dues = [window.due for window in (self._confined, self._off_level) if window.due is not None]
        return min(dues, default=None)

    def place(self, *, at_level: bool | None, door_open: bool | None, moving: bool | None) -> None:
        """Where the car is. Opening, moving or changing between level and off level starts the count anew."""
        standing = moving is False
        self._confined.counting = standing and at_level is True and door_open is False
        self._off_level.counting = standing and at_level is False

    def presence(self, present: bool, mono: float) -> None:
        if present and not self._present:
            self._confined.pulse(mono)
            self._off_level.pulse(mono)
        self._present = present

    def counts(self, mono: float) -> list[Finding]:
        return [
            PointValue("confined-pulses", self._confined.count(mono)),
            PointValue("off-level-pulses", self._off_level.count(mono)),
        ]


class _PulseWindow:
    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._pulses: deque[float] = deque()
        self._counting = False

    @property
    def counting(self) -> bool:
        return self._counting

    @counting.setter
    def counting(self, on: bool) -> None:
        self._counting = on
        if not on:
            self._pulses.clear()

    @property
    def due(self) -> float | None:
        return self._pulses[0] + self._window_s if self._pulses else None

    def pulse(self, mono: float) -> None:
        if self._counting:
            self._pulses.append(mono)

    def count(self, mono: float) -> int:
        while self._pulses and mono >= self._pulses[0] + self._window_s:
            self._pulses.popleft()
        return len(self._pulses)
