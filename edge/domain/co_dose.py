"""Carbon monoxide harms by dose: concentration over time, as EN 50291-1 (5.3.6) makes a detector alarm."""

from __future__ import annotations

import math

_ALARM_AFTER_S = ((50.0, 75 * 60.0), (100.0, 20 * 60.0), (300.0, 2 * 60.0))
"""ppm → seconds to the alarm, in the middle of what the standard allows: 60-90 min, 10-40 min, less than 3 min."""
_COUNTS_FROM_PPM = 30.0
"""At 30 ppm a detector must not alarm within 120 min; the curve gives about 200 min there, and nothing counts below it."""
_HALF_LIFE_S = 60 * 60.0
"""How fast the dose is forgotten in clean air. Ours: slower than the room airs, faster than blood recovers."""
_MAX_STEP_S = 60.0
"""Time without a sample counts for no longer than this: what was not measured is not invented."""


def alarm_after_s(ppm: float) -> float:
    """Seconds of a steady concentration until the alarm; a power law between the standard's points and beyond them."""
    if ppm < _COUNTS_FROM_PPM:
        return math.inf
    low, high = _ALARM_AFTER_S[:2] if ppm < _ALARM_AFTER_S[1][0] else _ALARM_AFTER_S[1:]
    slope = math.log(high[1] / low[1]) / math.log(high[0] / low[0])
    return low[1] * math.pow(ppm / low[0], slope)


class CoDose:
    """The dose at one detector: 1.0 and more is an alarm."""

    def __init__(self, dose: float = 0.0) -> None:
        self.dose = dose
        self._last: float | None = None

    def observe(self, ppm: float, mono: float) -> float:
        """Add what a sample says about the time since the one before it; the dose now."""
        seconds = 0.0 if self._last is None else min(mono - self._last, _MAX_STEP_S)
        self._last = mono
        if ppm < _COUNTS_FROM_PPM:
            self.dose *= 0.5 ** (seconds / _HALF_LIFE_S)
        else:
            # Beyond twice the alarm there is nothing more to say, and clean air should be able to end it.
            self.dose = min(self.dose + seconds / alarm_after_s(ppm), 2.0)
        return round(self.dose, 4)
