"""One GPIO line: what drives it, what it reads, and what of it is reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from firmware_sim.filters import Edge, LevelFilter

LINES: Final = 54
USER_LINES: Final = 32
"""Bank 1: what pigpio can filter, notify about and give PWM."""
_PULLED_UP_AT_RESET: Final = 9
"""GPIO 0 to 8 start with their pull-up, the others with their pull-down (BCM2711 peripherals, table 5.2)."""
PWM_FREQUENCIES: Final = (8000, 4000, 2000, 1600, 1000, 800, 500, 400, 320, 250, 200, 160, 100, 80, 50, 40, 20, 10)
"""What pigpio can make at its default sample rate of 5 µs; a request gets the nearest."""


class Mode(IntEnum):
    INPUT = 0
    OUTPUT = 1
    ALT5 = 2
    ALT4 = 3
    ALT0 = 4
    ALT1 = 5
    ALT2 = 6
    ALT3 = 7


class Pull(IntEnum):
    OFF = 0
    DOWN = 1
    UP = 2


@dataclass(slots=True)
class Pwm:
    """`duty` of `range`; None while the line is not under PWM."""

    duty: int | None = None
    range: int = 255
    frequency: int = 800

    @staticmethod
    def nearest(frequency: int) -> int:
        return min(PWM_FREQUENCIES, key=lambda possible: abs(possible - frequency))


@dataclass(slots=True)
class Line:
    """`external` is what the building does to the wire (None: nothing, the pull decides)."""

    number: int
    mode: Mode = Mode.INPUT
    pull: Pull = field(init=False)
    latch: bool = False
    external: bool | None = None
    shorted: bool = False
    broken: bool = False
    pwm: Pwm = field(default_factory=Pwm)
    filter: LevelFilter | None = None
    level: bool = field(init=False)
    reported: bool = field(init=False)

    def __post_init__(self) -> None:
        self.pull = Pull.UP if self.number < _PULLED_UP_AT_RESET else Pull.DOWN
        self.level = self.pull is Pull.UP
        self.reported = self.level

    @property
    def driven(self) -> bool | None:
        """What stands on the line because the board drives it; None while it is an input, False while shorted."""
        if self.mode is not Mode.OUTPUT:
            return None
        return False if self.shorted else self._output

    @property
    def _output(self) -> bool:
        return self.latch if self.pwm.duty is None else self.pwm.duty > 0

    def resolve(self) -> bool:
        """The level that all that pulls and drives amounts to. A floating line keeps its charge."""
        if self.shorted:
            return False
        if self.mode is Mode.OUTPUT:
            return self._output
        if self.external is not None and not self.broken:
            return self.external
        return self.level if self.pull is Pull.OFF else self.pull is Pull.UP

    def update(self, tick: int) -> list[Edge]:
        """Take the new level; the edges to report, past the line's filter."""
        level = self.resolve()
        if level == self.level:
            return []
        self.level = level
        seen = Edge(tick, level)
        return [seen] if self.filter is None else self.filter.edge(seen)
