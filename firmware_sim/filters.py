"""pigpio's two level filters, driven by ticks alone."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Edge(NamedTuple):
    """A level that began at `tick` (µs, unwrapped)."""

    tick: int
    level: bool


class LevelFilter(Protocol):
    """Turns the edges on a line into the edges a client is told about."""

    def edge(self, seen: Edge) -> list[Edge]:
        """What is to be reported because of this edge."""

    def settle(self, now: int) -> list[Edge]:
        """What is to be reported because time has passed."""

    @property
    def due(self) -> int | None:
        """When `settle` may next have something to say."""


class GlitchFilter:
    """Reports a level once it has held for `steady` µs, stamped when that was so (pigpio `set_glitch_filter`)."""

    def __init__(self, steady: int, level: bool) -> None:
        self._steady = steady
        self._reported = level
        self._candidate: Edge | None = None

    def edge(self, seen: Edge) -> list[Edge]:
        reported = self.settle(seen.tick)
        self._candidate = None if seen.level == self._reported else seen
        return reported

    def settle(self, now: int) -> list[Edge]:
        due = self.due
        if self._candidate is None or due is None or now < due:
            return []
        self._reported = self._candidate.level
        self._candidate = None
        return [Edge(due, self._reported)]

    @property
    def due(self) -> int | None:
        return None if self._candidate is None else self._candidate.tick + self._steady


class NoiseFilter:
    """Ignores edges until the line was quiet for `steady` µs, then reports all for `active` µs (`set_noise_filter`)."""

    def __init__(self, steady: int, active: int, *, tick: int) -> None:
        self._steady = steady
        self._active = active
        self._last_edge = tick
        self._open_until: int | None = None

    def edge(self, seen: Edge) -> list[Edge]:
        if self._open_until is not None and seen.tick > self._open_until:
            self._open_until = None
        if self._open_until is None and seen.tick - self._last_edge >= self._steady:
            self._open_until = seen.tick + self._active
        self._last_edge = seen.tick
        return [] if self._open_until is None else [seen]

    def settle(self, now: int) -> list[Edge]:
        del now
        return []

    @property
    def due(self) -> int | None:
        return None
