"""How a lift car travels: from rest to rest with bounded speed, acceleration and jerk."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

_BISECTIONS = 60
"""Halvings of the peak speed of a short trip: past the resolution of a double."""


class Moment(NamedTuple):
    """Where the car is (m), how fast (m/s) and how hard it speeds up (m/s²); up is positive."""

    position: float
    speed: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Rated speed (m/s), acceleration (m/s²) and jerk (m/s³). The defaults are ours, of the size common in homes."""

    speed: float
    acceleration: float = 0.8
    jerk: float = 1.2


@dataclass(frozen=True, slots=True)
class _Ramp:
    """Speeding up from rest to `peak`: jerk up for `rise`, hold for `hold`, jerk down for `rise`."""

    peak: float
    jerk: float
    rise: float
    hold: float

    @classmethod
    def to(cls, peak: float, limits: Limits) -> _Ramp:
        if peak * limits.jerk >= limits.acceleration**2:
            rise = limits.acceleration / limits.jerk
            return cls(peak, limits.jerk, rise, peak / limits.acceleration - rise)
        return cls(peak, limits.jerk, math.sqrt(peak / limits.jerk), 0.0)

    @property
    def duration(self) -> float:
        return 2 * self.rise + self.hold

    @property
    def distance(self) -> float:
        return self.peak * self.duration / 2

    def at(self, t: float) -> Moment:
        top = self.jerk * self.rise
        if t <= self.rise:
            return Moment(self.jerk * t**3 / 6, self.jerk * t**2 / 2, self.jerk * t)
        first = Moment(self.jerk * self.rise**3 / 6, self.jerk * self.rise**2 / 2, top)
        if t <= self.rise + self.hold:
            held = t - self.rise
            return Moment(first.position + first.speed * held + top * held**2 / 2, first.speed + top * held, top)
        # The last part mirrors the first in time: it ends at the peak with no acceleration left.
        left = max(self.duration - t, 0.0)
        return Moment(
            self.distance - self.peak * left + self.jerk * left**3 / 6,
            self.peak - self.jerk * left**2 / 2,
            self.jerk * left,
        )


@dataclass(frozen=True, slots=True)
class Trip:
    """From `start` to `target` (m), at rest at both ends."""

    start: float
    target: float
    ramp: _Ramp
    cruise: float

    @classmethod
    def between(cls, start: float, target: float, limits: Limits) -> Trip:
        distance = abs(target - start)
        ramp = _Ramp.to(limits.speed, limits)
        if 2 * ramp.distance > distance:
            low, high = 0.0, limits.speed
            for _ in range(_BISECTIONS):
                middle = (low + high) / 2
                low, high = (low, middle) if 2 * _Ramp.to(middle, limits).distance > distance else (middle, high)
            ramp = _Ramp.to(low, limits)
        cruise = (distance - 2 * ramp.distance) / ramp.peak if ramp.peak else 0.0
        return cls(start, target, ramp, cruise)

    @property
    def duration(self) -> float:
        return 2 * self.ramp.duration + self.cruise

    @property
    def direction(self) -> int:
        return (self.target > self.start) - (self.target < self.start)

    def at(self, t: float) -> Moment:
        """The car `t` seconds after departure; afterwards it stands at the target."""
        if t >= self.duration:
            return Moment(self.target, 0.0, 0.0)
        sign = self.direction
        if t <= self.ramp.duration:
            travelled, speed, acceleration = self.ramp.at(max(t, 0.0))
        elif t <= self.ramp.duration + self.cruise:
            travelled = self.ramp.distance + self.ramp.peak * (t - self.ramp.duration)
            speed, acceleration = self.ramp.peak, 0.0
        else:
            left, speed, slowing = self.ramp.at(self.duration - t)
            travelled, acceleration = abs(self.target - self.start) - left, -slowing
        return Moment(self.start + sign * travelled, sign * speed, sign * acceleration)

    def stopping_at(self, target: float, t: float) -> Trip | None:
        """The same trip ended earlier at `target`, if `t` seconds into it there is still room to slow down as usual."""
        saved = (self.target - target) * self.direction / self.ramp.peak if self.ramp.peak else 0.0
        cruise = self.cruise - saved
        if saved < 0 or cruise < max(t - self.ramp.duration, 0.0):
            return None
        return replace(self, target=target, cruise=cruise)
