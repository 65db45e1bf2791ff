"""Whether what a lift says of its position holds together: a signal that stands still while the car has moved is stuck.

Judged by trips and never by time: a lift that nobody calls at night contradicts nothing.
"""

from __future__ import annotations

from edge.domain.car_travel import LONGEST_GAP_M

MOVING_FROM_M_S = 0.03
"""Slower than this is a car that settles on its ropes, not one that runs."""
_SETTLED_S = 2.0
"""Registers of a controller may follow one another: what it says of a stop is read once the car has stood so long."""
_GAP_S = 2.5
"""After a longer silence nobody knows how far the car went meanwhile."""
_TRIPS = 2
"""One trip may be misread; two in a row that contradict, ours."""
_PASSED_S = 3.0
"""A level sensor that was off for so long had left its vane; a car that levels anew moves off it for a moment."""
_PASSES = 4


class TripCheck:
    """Of a controller's registers. From one stop at level to the next: if the car ran farther than any two floors are
    apart, the floor is another one and the level signal was gone in between; if the floor is another one, the car had speed.
    """

    def __init__(self) -> None:
        self._trips_against = 0
        self._verdict: bool | None = None
        self._from_floor: int | None = None
        self._begin(None)

    def _begin(self, floor: int | None) -> None:
        self._from_floor = floor
        self._way = self._fastest = 0.0
        self._left = False
        self._at: float | None = None
        self._speed = 0.0
        self._stands_since: float | None = None

    def lose(self) -> bool | None:
        """What happened meanwhile nobody saw, or the car is not in normal service: the next stop is the first."""
        self._begin(None)
        return self._verdict

    def observe(self, *, floor: int, speed_m_s: float, at_level: bool, mono: float) -> bool | None:
        """True: stuck; False: the last trip held together. None: neither has been seen yet. Speed is signed."""
        if self._at is not None and mono - self._at > _GAP_S:
            self._begin(None)
        if self._at is not None:
            self._way += (self._speed + speed_m_s) / 2 * (mono - self._at)
        self._at, self._speed = mono, speed_m_s
        self._fastest = max(self._fastest, abs(speed_m_s))
        self._left = self._left or not at_level
        if not at_level or abs(speed_m_s) >= MOVING_FROM_M_S:
            self._stands_since = None
        elif self._stands_since is None:
            self._stands_since = mono
        elif mono - self._stands_since >= _SETTLED_S:
            self._stop(floor)
        return self._verdict

    def _stop(self, floor: int) -> None:
        at = self._at
        if self._from_floor is not None:
            far, elsewhere = abs(self._way) >= LONGEST_GAP_M, floor != self._from_floor
            still = elsewhere and self._fastest < MOVING_FROM_M_S
            if still or (far and not (elsewhere and self._left)):
                self._trips_against += 1
                if self._trips_against >= _TRIPS:
                    self._verdict = True
            elif far or elsewhere:
                self._trips_against, self._verdict = 0, False
        self._begin(floor)
        self._at = at


class LevelPairCheck:
    """Of a box's two level sensors, which every vane passes: one that stays as it is while the other comes and goes is stuck."""

    def __init__(self) -> None:
        self._active: dict[str, bool] = {}
        self._changed_at: dict[str, float] = {}
        self._passes = {"level_up": 0, "level_down": 0}
        self._verdict: bool | None = None

    def observe(self, sensor: str, active: bool, mono: float) -> bool | None:
        """`sensor`: `level_up` or `level_down`. True: stuck; False: both have moved. None: neither is known yet."""
        before = self._active.get(sensor)
        self._active[sensor] = active
        if before is None or before == active:
            return self._verdict
        other = "level_down" if sensor == "level_up" else "level_up"
        off_for = mono - self._changed_at.get(sensor, mono)
        self._changed_at[sensor] = mono
        if active and off_for >= _PASSED_S:
            self._passes[sensor] += 1
        if self._passes[other]:
            # This one moves after all.
            self._passes[other] = 0
            self._verdict = False
        if self._passes[sensor] >= _PASSES:
            self._verdict = True
        return self._verdict
