"""Wall time for what happened at a monotonic moment, where the node's clock is believed."""

from __future__ import annotations

from typing import Literal

from edge.application.ports import Clock
from edge.domain.clock_trust import ClockTrust
from schemas.batch import ClockState


class Timestamps:
    """`trust`: `auto` judges by what the system says (ClockTrust), `always` and `never` are somebody's decision."""

    def __init__(self, clock: Clock, trust: Literal["auto", "always", "never"] = "auto") -> None:
        self._clock = clock
        self._fixed = {"always": ClockState.SYNCHRONISED, "never": ClockState.UNSYNCHRONISED}.get(trust)
        self._judge = ClockTrust()
        self.state = ClockState.UNSYNCHRONISED
        self.refresh()

    def refresh(self) -> ClockState:
        """Judge anew; called every few seconds, because asking the kernel per reading would cost more than it tells."""
        self.state = self._fixed or self._judge.judge(
            synchronised=self._clock.synchronised(), wall=self._clock.wall(), mono=self._clock.mono()
        )
        return self.state

    def time_of(self, mono: float) -> float | None:
        """Seconds since 1970 at monotonic second `mono` of this boot; None while the clock is not believed."""
        if self.state is not ClockState.SYNCHRONISED:
            return None
        # A clock set before 1970 says nothing that a message can carry.
        return max(round(self._clock.wall() - (self._clock.mono() - mono), 6), 0.0)
