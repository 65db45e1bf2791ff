"""Whether a node's wall clock may be believed."""

from __future__ import annotations

from schemas.batch import ClockState

EARLIEST_BELIEVABLE = 1_735_689_600.0
"""2025-01-01T00:00:00Z: before this program existed. A clock that says less has never been set."""
HOLDOVER_S = 86400.0
"""A crystal of 50 ppm is 4 s wrong after a day: once set, a clock is believed that long without its source."""


class ClockTrust:
    """One boot's judgement. Time is believed while synchronised and for a day after, unless it jumped meanwhile."""

    JUMP_S = 2.0

    def __init__(self) -> None:
        self._synchronised_at: float | None = None
        self._offset: float | None = None

    def judge(self, *, synchronised: bool, wall: float, mono: float) -> ClockState:
        """`synchronised`: what the system says of itself; `wall` in seconds since 1970, `mono` monotonic seconds."""
        if wall < EARLIEST_BELIEVABLE:
            self._synchronised_at = None
            return ClockState.UNSYNCHRONISED
        offset = wall - mono
        if synchronised:
            self._synchronised_at, self._offset = mono, offset
            return ClockState.SYNCHRONISED
        if self._synchronised_at is None or self._offset is None or mono - self._synchronised_at > HOLDOVER_S:
            return ClockState.UNSYNCHRONISED
        if abs(offset - self._offset) > self.JUMP_S:
            # Someone set the clock by hand after its source was lost.
            self._synchronised_at = None
            return ClockState.UNSYNCHRONISED
        return ClockState.SYNCHRONISED
