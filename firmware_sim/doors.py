"""A lift's doors: they open, wait, close, and reverse when something stands in the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class DoorState(IntEnum):
    """The numbers of `LiftRegisters.door_state`."""

    CLOSED = 0
    OPENING = 1
    OPEN = 2
    CLOSING = 3


@dataclass(slots=True)
class Doors:
    """`position` is 0 closed to 1 open. `obstructed_at` stops a closing door at that position and reverses it."""

    opening_s: float = 2.0
    closing_s: float = 3.0
    dwell_s: float = 4.0
    state: DoorState = DoorState.CLOSED
    position: float = 0.0
    reversals: int = 0
    obstructed_at: float | None = None
    kept_open: bool = False
    last_closed: float = 0.0
    _open_since: float = 0.0

    @property
    def closed(self) -> bool:
        return self.state is DoorState.CLOSED

    def open(self) -> None:
        if self.state in (DoorState.CLOSED, DoorState.CLOSING):
            self.state = DoorState.OPENING

    def hold(self, now: float) -> None:
        """Somebody is passing: the dwell begins anew."""
        if self.state is DoorState.OPEN:
            self._open_since = now

    def departed(self) -> None:
        self.reversals = 0

    def step(self, now: float, dt: float) -> None:
        match self.state:
            case DoorState.OPENING:
                self.position = min(self.position + dt / self.opening_s, 1.0)
                if self.position >= 1.0:
                    self.state, self._open_since = DoorState.OPEN, now
            case DoorState.OPEN:
                if not self.kept_open and now - self._open_since >= self.dwell_s:
                    self.state = DoorState.CLOSING
            case DoorState.CLOSING:
                self._close(dt)
            case DoorState.CLOSED:
                self.last_closed = now

    def _close(self, dt: float) -> None:
        self.position = max(self.position - dt / self.closing_s, 0.0)
        if self.obstructed_at is not None and self.position <= self.obstructed_at:
            self.reversals += 1
            self.state = DoorState.OPENING
        elif self.position <= 0.0:
            self.state = DoorState.CLOSED
