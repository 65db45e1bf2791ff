"""A virtual Raspberry Pi: a header of lines with an ADC behind its SPI bus, moved by physical verbs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from firmware_sim import wiegand
from firmware_sim.filters import Edge, LevelFilter
from firmware_sim.lines import LINES, USER_LINES, Line
from firmware_sim.mcp3008 import Mcp3008

PI_4B: Final = 0xC03111
PI_ZERO_2W: Final = 0x902120
SPI_DEVICES: Final = 2
"""Chip enables of the main SPI bus; an MCP3008 may stand behind each."""

Undo = Callable[[], None]
OnOutput = Callable[[bool | None], None]
OnEdges = Callable[[int, int, int], None]
"""(tick, levels of bank 1 as reported, mask of what changed)."""


class Board(Protocol):
    """What a building can do to a board's terminals, whichever way the agent reads them."""

    def drive_low(self, pin: int) -> None: ...
    def drive_high(self, pin: int) -> None: ...
    def let_go(self, pin: int) -> None:
        """Let go of the wire: the pull decides."""

    def level(self, pin: int) -> bool: ...
    def output(self, pin: int) -> bool | None:
        """What the agent drives; None while it does not."""

    def set_voltage(self, channel: int, volts: float, *, device: int = 0) -> None: ...
    def pulse_wiegand(self, d0: int, d1: int, bits: Sequence[int]) -> None: ...
    def bounce(self, pin: int, to_level: bool, milliseconds: float, rng: random.Random) -> None:
        """A contact that closes like a contact: several edges within `milliseconds`, the last to `to_level`."""

    def on_output(self, pin: int, callback: OnOutput) -> Undo: ...
    def short(self, pin: int) -> None:
        """A wire touches ground: the line is low whatever drives it, until `mend`."""

    def break_wire(self, pin: int) -> None:
        """A wire comes off: the building's drive no longer arrives, until `mend`."""

    def mend(self, pin: int) -> None: ...


def monotonic_tick() -> int:
    """Microseconds of the monotonic clock, unwrapped."""
    return time.monotonic_ns() // 1000


def bounce_offsets(milliseconds: float, rng: random.Random) -> list[int]:
    """Microseconds of the edges of one bounce: an odd number, the first at 0, none after `milliseconds`."""
    pairs = rng.randint(1, 4)
    span = max(int(milliseconds * 1000), 2 * pairs)
    return [0, *sorted(rng.sample(range(1, span + 1), 2 * pairs))]


class VirtualBoard:
    """The board itself, without sockets. Every verb may be called from any thread.

    Ticks are whole microseconds that never run backwards on one board. A burst (Wiegand, bounce) is delivered at once
    but carries the ticks it would have had, ending now.
    """

    def __init__(self, name: str = "board", *, revision: int = PI_4B, tick: Callable[[], int] = monotonic_tick) -> None:
        self.name = name
        self.revision = revision
        self.lock = threading.RLock()
        self.lines = [Line(number) for number in range(LINES)]
        self.adcs = [Mcp3008() for _ in range(SPI_DEVICES)]
        self._tick = tick
        self._last_tick = 0
        self._on_edges: list[OnEdges] = []
        self._on_due: list[Callable[[], None]] = []
        self._on_output: dict[int, list[OnOutput]] = {}

    # -- the building's side ---------------------------------------------------------------------------------------

    def drive_low(self, pin: int) -> None:
        self._drive(pin, False)

    def drive_high(self, pin: int) -> None:
        self._drive(pin, True)

    def let_go(self, pin: int) -> None:
        self._drive(pin, None)

    def level(self, pin: int) -> bool:
        with self.lock:
            return self.lines[pin].level

    def output(self, pin: int) -> bool | None:
        with self.lock:
            return self.lines[pin].driven

    def set_voltage(self, channel: int, volts: float, *, device: int = 0) -> None:
        self.adcs[device].set_voltage(channel, volts)

    def pulse_wiegand(self, d0: int, d1: int, bits: Sequence[int]) -> None:
        period = wiegand.PULSE_MICROSECONDS + wiegand.GAP_MICROSECONDS
        burst: list[tuple[int, int, bool]] = []
        for index, bit in enumerate(bits):
            pin = d1 if bit else d0
            burst += [(index * period, pin, False), (index * period + wiegand.PULSE_MICROSECONDS, pin, True)]
        self._burst(burst)

    def bounce(self, pin: int, to_level: bool, milliseconds: float, rng: random.Random) -> None:
        offsets = bounce_offsets(milliseconds, rng)
        self._burst([(at, pin, to_level if index % 2 == 0 else not to_level) for index, at in enumerate(offsets)])

    def on_output(self, pin: int, callback: OnOutput) -> Undo:
        with self.lock:
            self._on_output.setdefault(pin, []).append(callback)
        return lambda: self._on_output[pin].remove(callback)

    def short(self, pin: int) -> None:
        with self.changing(pin) as line:
            line.shorted = True

    def break_wire(self, pin: int) -> None:
        with self.changing(pin) as line:
            line.broken = True

    def mend(self, pin: int) -> None:
        with self.changing(pin) as line:
            line.shorted = line.broken = False

    # -- the agent's side (pigpio_commands) --------------------------------------------------------------------------

    @contextmanager
    def changing(self, pin: int, *, at: int | None = None) -> Iterator[Line]:
        """Hold the board while one line is changed; then tell whoever watches its edges or its output."""
        with self.lock:
            line = self.lines[pin]
            before = line.driven
            yield line
            self._report(line, line.update(self.now() if at is None else self._later(at)))
            if line.driven != before:
                for callback in list(self._on_output.get(pin, ())):
                    callback(line.driven)

    def set_filter(self, pin: int, level_filter: LevelFilter | None) -> None:
        with self.lock:
            line = self.lines[pin]
            line.filter = level_filter
            line.reported = line.level

    def now(self) -> int:
        with self.lock:
            return self._later(self._tick())

    def bank(self) -> int:
        """The levels of GPIO 0 to 31 as they are, unfiltered."""
        with self.lock:
            return sum(1 << line.number for line in self.lines[:USER_LINES] if line.level)

    def reported_bank(self) -> int:
        """The levels of GPIO 0 to 31 as their filters let them through."""
        with self.lock:
            return sum(1 << line.number for line in self.lines[:USER_LINES] if line.reported)

    def settle(self) -> None:
        """Let the filters report what has been steady for long enough by now."""
        with self.lock:
            now = self.now()
            for line in self.lines[:USER_LINES]:
                if line.filter is not None:
                    self._report(line, line.filter.settle(now))

    def due(self) -> int | None:
        """The tick at which `settle` may next have something to report."""
        with self.lock:
            dues = [line.filter.due for line in self.lines[:USER_LINES] if line.filter is not None]
            return min((due for due in dues if due is not None), default=None)

    def watch(self, on_edges: OnEdges, on_due: Callable[[], None] = lambda: None) -> Undo:
        """Be told of reported edges, in order, with the board held; and when `due` may have changed."""
        with self.lock:
            self._on_edges.append(on_edges)
            self._on_due.append(on_due)

        def undo() -> None:
            with self.lock:
                self._on_edges.remove(on_edges)
                self._on_due.remove(on_due)

        return undo

    # -- inside ------------------------------------------------------------------------------------------------------

    def _drive(self, pin: int, level: bool | None) -> None:
        with self.changing(pin) as line:
            line.external = level

    def _burst(self, edges: Sequence[tuple[int, int, bool]]) -> None:
        """Edges as (offset in µs, pin, level), in order: played as if the last of them were now."""
        with self.lock:
            start = max(self._tick() - edges[-1][0], self._last_tick) if edges else 0
            for offset, pin, level in edges:
                with self.changing(pin, at=start + offset) as line:
                    line.external = level

    def _later(self, tick: int) -> int:
        self._last_tick = max(self._last_tick, tick)
        return self._last_tick

    def _report(self, line: Line, edges: list[Edge]) -> None:
        for edge in edges:
            if edge.level != line.reported:
                line.reported = edge.level
                if line.number < USER_LINES:
                    for on_edges in list(self._on_edges):
                        on_edges(edge.tick, self.reported_bank(), 1 << line.number)
        if line.filter is not None:
            for on_due in list(self._on_due):
                on_due()
