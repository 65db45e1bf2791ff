"""Which observations are worth a reading: changes beyond a deadband, and a sign of life after a silence."""

from __future__ import annotations

from edge.domain.signals import Value


class ExceptionReporting:
    """One point. A truth value or a text is reported when it is another; a number when it moved beyond its deadband."""

    def __init__(self, deadband: float, max_silence_s: float) -> None:
        self._deadband = deadband
        self._max_silence_s = max_silence_s
        self._reported: Value | None = None
        self._reported_at = 0.0
        self.observed_at: float | None = None

    def worth_reporting(self, value: Value, mono: float) -> bool:
        """Whether this observation becomes a reading; if so it is what the next one is compared with."""
        self.observed_at = mono
        if not (self._differs(value) or mono - self._reported_at >= self._max_silence_s):
            return False
        self._reported, self._reported_at = value, mono
        return True

    def awaited(self, mono: float) -> None:
        """The point is expected from now on: if it never comes, that is silence too."""
        if self.observed_at is None:
            self.observed_at = mono

    def silent_for(self, mono: float) -> float | None:
        """Seconds since the point was last observed (or first expected), where that is longer than its maximum silence; else None."""
        if self.observed_at is None or mono - self.observed_at <= self._max_silence_s:
            return None
        return mono - self.observed_at

    def _differs(self, value: Value) -> bool:
        before = self._reported
        if before is None or isinstance(value, bool | str) or isinstance(before, bool | str):
            return before is None or value != before
        return abs(value - before) > self._deadband
