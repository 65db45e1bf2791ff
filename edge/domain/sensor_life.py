"""Whether an analog sensor still lives: its noise, and what it has come to call clean air."""

from __future__ import annotations

STILL_FOR_S = 3600.0
"""No noise at all for this long and the value is stuck (equipment.md, Smoke and fire)."""
_BASELINE_TIME_CONSTANT_S = 86400.0
"""Dust settles over days; a day averages cooking and weather away."""
_MAX_STEP_S = 3600.0


class Stillness:
    """Watches for a value that never moves."""

    def __init__(self) -> None:
        self._volts: float | None = None
        self._since = 0.0
        self._lives: bool | None = None

    def observe(self, volts: float, mono: float) -> bool | None:
        """True once the converter has given exactly the same for `STILL_FOR_S`; False since it moved.

        None before either: a node that starts beside a dead sensor must not say that it lives. At 0 V there is no noise
        to see, and nothing to say against it.
        """
        if volts != self._volts or volts <= 0.0:
            if self._volts is not None or volts <= 0.0:
                self._lives = True
            self._volts, self._since = volts, mono
        if mono - self._since >= STILL_FOR_S:
            self._lives = False
        return None if self._lives is None else not self._lives


class CleanAir:
    """The slow baseline of a smoke chamber, in the unit of its value.

    Values at or beyond `ignore_from` are smoke, not dirt, and are left out.
    """

    def __init__(self, ignore_from: float, baseline: float = 0.0) -> None:
        self._ignore_from = ignore_from
        self._last: float | None = None
        self.baseline = baseline

    def observe(self, value: float, mono: float) -> float:
        """Follow a sample; the baseline now."""
        seconds = 0.0 if self._last is None else min(mono - self._last, _MAX_STEP_S)
        self._last = mono
        if value < self._ignore_from:
            self.baseline += (value - self.baseline) * min(seconds / _BASELINE_TIME_CONSTANT_S, 1.0)
        return round(self.baseline, 5)
