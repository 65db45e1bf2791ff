"""Collective control: which floor a lift stops at next, given who has called it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Calls:
    """Car calls, and landing calls by the direction people want to go. Floors are indices from 0."""

    car: set[int] = field(default_factory=set)
    up: set[int] = field(default_factory=set)
    down: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.car or self.up or self.down)

    def press(self, floor: int, destination: int) -> None:
        """Someone on `floor` wants to go to `destination`."""
        (self.up if destination > floor else self.down).add(floor)

    def answered(self, floor: int, direction: int) -> None:
        """The doors opened at `floor` with the car bound in `direction` (0: free, takes both)."""
        self.car.discard(floor)
        if direction >= 0 or not self._beyond(floor, direction):
            self.up.discard(floor)
        if direction <= 0 or not self._beyond(floor, direction):
            self.down.discard(floor)

    def next_stop(self, floor: float, direction: int) -> tuple[int, int] | None:
        """Where to go from `floor` (a fraction while under way), as (floor, direction).

        On in the same direction first, picking up who goes the same way; then the furthest call of those who go back;
        then the other way.
        """
        if not self:
            return None
        for heading in (direction, -direction) if direction else (1, -1):
            same_way = self.car | (self.up if heading > 0 else self.down)
            ahead = [stop for stop in same_way if (stop - floor) * heading >= 0]
            if ahead:
                return min(ahead, key=lambda stop: abs(stop - floor)), heading
            turning = [stop for stop in self.up | self.down if (stop - floor) * heading >= 0]
            if turning:
                return max(turning, key=lambda stop: abs(stop - floor)), heading
        return None

    def _beyond(self, floor: int, direction: int) -> bool:
        """Whether anyone is still to be served further on."""
        return any((stop - floor) * direction > 0 for stop in self.car | self.up | self.down)
