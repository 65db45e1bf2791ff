"""Whether a car without an open controller moves: told from its two level sensors."""

from __future__ import annotations

SETTLED_S = 1.0
"""Both sensors active without a change for this long: the car stands at level and does not merely pass a floor."""
STANDING_AFTER_S = 2.0
LONGEST_GAP_M = 6.0
"""The farthest two floors are taken to be apart: after that way at rated speed, and a margin, no sensor moved, so the car
stands. In a shaft with a longer way without doors the car is taken for standing off level during it; the delays of the
rules (45 s) outlast that."""


class CarTravel:
    """Follows the level sensors of one car. At level is both of them active."""

    def __init__(self, rated_speed_m_s: float) -> None:
        self._gap_s = LONGEST_GAP_M / rated_speed_m_s + STANDING_AFTER_S
        self._up: bool | None = None
        self._down: bool | None = None
        self.due: float | None = None
        self.moving: bool | None = None

    @property
    def at_level(self) -> bool | None:
        if self._up is None or self._down is None:
            return None
        return self._up and self._down

    def observe(self, sensor: str, active: bool, mono: float) -> None:
        """A level sensor moved. `sensor`: `level_up` or `level_down`."""
        before = self.at_level
        if sensor == "level_up":
            changed, self._up = self._up is not None and self._up != active, active
        else:
            changed, self._down = self._down is not None and self._down != active, active
        if before is None:
            # Where the car was when the node began to watch says nothing of movement: off level, it may be on its way.
            if self.at_level is False:
                self.due = mono + self._gap_s
            self.moving = False if self.at_level else None
            return
        if changed:
            self.moving = True
            self.due = mono + (SETTLED_S if self.at_level else self._gap_s)

    def tick(self, mono: float) -> None:
        if self.due is not None and mono >= self.due:
            self.due = None
            self.moving = False
