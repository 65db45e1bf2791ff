"""A lift car in its shaft: where it is, how it moves, and what its doors do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from firmware_sim.doors import Doors, DoorState
from firmware_sim.motion import Limits, Trip

UNLOCKING_ZONE_M: Final = 0.2
"""Above and below a landing the doors may be unlocked (EN 81-20, 5.3.8.1)."""
_BRAKE: Final = 2.0
"""m/s² when the safety circuit opens and the brake alone stops the car. Ours."""
_DRIFT_ACCELERATION: Final = 0.4
_DRIFT_SPEED: Final = 0.6
_DRIFT_DISTANCE: Final = 0.9
"""EN 81-20, 5.6.7.5: a car that moves with open doors is stopped within 1.20 m."""
RESCUE: Final = Limits(speed=0.3, acceleration=0.3, jerk=0.5)


class Motion(Enum):
    STANDING = auto()
    TRAVELLING = auto()
    BRAKING = auto()
    DRIFTING = auto()


@dataclass(slots=True)
class Car:
    """`levels` are the heights of the landings in m; `position` and `speed` are the car's, up is positive."""

    levels: Sequence[float]
    limits: Limits
    doors: Doors = field(default_factory=Doors)
    position: float = 0.0
    speed: float = 0.0
    motion: Motion = Motion.STANDING
    trip: Trip | None = None
    powered: bool = True
    _departed: float = 0.0
    _drift_from: float = 0.0
    _drift_sign: int = 1

    @property
    def nearest(self) -> int:
        """Index of the nearest landing."""
        return min(range(len(self.levels)), key=lambda index: abs(self.levels[index] - self.position))

    @property
    def offset(self) -> float:
        """Metres above the nearest landing."""
        return self.position - self.levels[self.nearest]

    @property
    def at_level(self) -> bool:
        return abs(self.offset) <= UNLOCKING_ZONE_M

    @property
    def direction(self) -> int:
        return (self.speed > 0) - (self.speed < 0)

    @property
    def floor_fraction(self) -> float:
        """Where the car is counted in floors, for choosing the next stop."""
        nearest = self.nearest
        other = nearest + (1 if self.offset > 0 else -1)
        if not 0 <= other < len(self.levels):
            return float(nearest)
        return nearest + self.offset / abs(self.levels[other] - self.levels[nearest])

    @property
    def braked_offset(self) -> float:
        """Metres from the nearest landing at which the car would stand if the brake fell in now."""
        end = self.position + self.direction * self.speed**2 / (2 * _BRAKE)
        return min((end - level for level in self.levels), key=abs)

    def depart(self, floor: int, now: float, limits: Limits | None = None) -> None:
        self.trip = Trip.between(self.position, self.levels[floor], limits or self.limits)
        self._departed = now
        self.motion = Motion.TRAVELLING

    def stop_on_the_way(self, floor: int, now: float) -> bool:
        """Stop at a floor before the target instead, if there is still room to slow down as usual."""
        if self.trip is None:
            return False
        shorter = self.trip.stopping_at(self.levels[floor], now - self._departed)
        if shorter is not None:
            self.trip = shorter
        return shorter is not None

    def brake(self) -> None:
        """The safety circuit opens."""
        if self.speed:
            self.motion = Motion.BRAKING
        else:
            self.motion = Motion.STANDING
        self.trip = None

    def drift(self) -> None:
        """The brake lets go with the doors open: away from the nearest end of the shaft."""
        self._drift_from = self.position
        self._drift_sign = -1 if self.nearest == len(self.levels) - 1 else 1
        self.motion = Motion.DRIFTING

    def step(self, now: float, dt: float) -> bool:
        """Advance by one tick; True when a trip ended at its target on this tick."""
        if self.powered:
            self.doors.step(now, dt)
        match self.motion:
            case Motion.TRAVELLING:
                return self._travel(now)
            case Motion.BRAKING:
                self._slow(dt)
            case Motion.DRIFTING:
                self._drift(dt)
            case Motion.STANDING:
                pass
        return False

    def _travel(self, now: float) -> bool:
        assert self.trip is not None
        elapsed = now - self._departed
        self.position, self.speed, _ = self.trip.at(elapsed)
        if elapsed < self.trip.duration:
            return False
        self.motion, self.trip = Motion.STANDING, None
        return True

    def _slow(self, dt: float) -> None:
        sign = self.direction
        slower = max(abs(self.speed) - _BRAKE * dt, 0.0)
        self.position += sign * (abs(self.speed) + slower) / 2 * dt
        self.speed = sign * slower
        if not slower:
            self.motion = Motion.STANDING

    def _drift(self, dt: float) -> None:
        faster = min(abs(self.speed) + _DRIFT_ACCELERATION * dt, _DRIFT_SPEED)
        self.position += self._drift_sign * (abs(self.speed) + faster) / 2 * dt
        self.speed = self._drift_sign * faster
        if abs(self.position - self._drift_from) >= _DRIFT_DISTANCE:
            self.motion = Motion.BRAKING

    @property
    def standing(self) -> bool:
        return self.motion is Motion.STANDING

    @property
    def boardable(self) -> bool:
        """Doors open, at a landing."""
        return self.standing and self.doors.state is DoorState.OPEN and self.at_level


def overspeeding(limits: Limits, factor: float) -> Limits:
    """What a governor sees when the drive runs away: the same trip, `factor` times as fast."""
    return replace(limits, speed=limits.speed * factor, acceleration=limits.acceleration * factor)
