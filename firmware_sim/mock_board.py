"""The same board without sockets: gpiozero's MockFactory under the verbs of `Board`, for unit tests."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any, Final

from gpiozero.mixins import SharedMixin
from gpiozero.pins import SPI
from gpiozero.pins.mock import MockFactory, MockPin

from firmware_sim import wiegand
from firmware_sim.board import PI_4B, SPI_DEVICES, OnOutput, Undo, bounce_offsets
from firmware_sim.mcp3008 import Mcp3008

_CHIP_ENABLES: Final = ("GPIO8", "GPIO7")


class _WiredPin(MockPin):  # type: ignore[misc]  # gpiozero publishes no types
    """A mock pin with a wire to the building: what drives the wire outlives whatever the agent does to the pin."""

    def __init__(self, factory: MockFactory, info: Any) -> None:
        self.external: bool | None = None
        self.shorted = False
        self.broken = False
        self.edge_time: float | None = None
        self.listeners: list[OnOutput] = []
        self._told: bool | None = None
        self._frequency: float | None = None
        super().__init__(factory, info)

    @property
    def driven(self) -> bool | None:
        if self._function != "output":
            return None
        return False if self.shorted else bool(self._state)

    def settle(self) -> None:
        """Take the level that all that pulls and drives amounts to, and tell who watches."""
        if self._function == "input":
            (self.drive_high if self._resolved() else self.drive_low)()
        self.tell()

    def _resolved(self) -> bool:
        if self.shorted:
            return False
        if self.external is not None and not self.broken:
            return self.external
        return bool(self._state) if self._pull == "floating" else self._pull == "up"

    def tell(self) -> None:
        if self.driven != self._told:
            self._told = self.driven
            for listener in list(self.listeners):
                listener(self.driven)

    # gpiozero's own hooks: each does what the mock does, and then lets the building have its say.

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        self.settle()

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        self.tell()

    def _change_state(self, value: float) -> bool:
        changed: bool = super()._change_state(value)
        self.tell()
        return changed

    def _get_frequency(self) -> float | None:
        return self._frequency

    def _set_frequency(self, value: float | None) -> None:
        self._frequency = value
        if value is None:
            self._change_state(False)

    def _call_when_changed(self) -> None:
        """With the time of the edge, where it is one of a burst played at once."""
        when = self._last_change if self.edge_time is None else self.edge_time
        super(MockPin, self)._call_when_changed(when, self._state)


class _MockSpi(SPI):  # type: ignore[misc]  # gpiozero publishes no types
    """The bus with the chip behind it. gpiozero's own mock bus needs a global pin factory; this one needs none."""

    def __init__(self, clock_pin: str, mosi_pin: str, miso_pin: str, select_pin: str, pin_factory: _Factory) -> None:
        self._chip: Mcp3008 | None = None
        super().__init__(pin_factory=pin_factory)
        pin_factory.reserve_pins(self, clock_pin, mosi_pin, miso_pin, select_pin)
        self._chip = pin_factory.chips.get(select_pin, Mcp3008())

    def close(self) -> None:
        if self._chip is not None:
            self._chip = None
            self.pin_factory.release_all(self)
        super().close()

    @property
    def closed(self) -> bool:
        return self._chip is None

    def transfer(self, data: Sequence[int]) -> list[int]:
        self._check_open()
        assert self._chip is not None
        return list(self._chip.transfer(bytes(data)))

    def _get_clock_mode(self) -> int:
        return 0


class _SharedMockSpi(SharedMixin, _MockSpi):  # type: ignore[misc]  # gpiozero publishes no types
    @classmethod
    def _shared_key(
        cls, clock_pin: str, mosi_pin: str, miso_pin: str, select_pin: str, pin_factory: _Factory
    ) -> tuple[object, ...]:
        return (id(pin_factory), clock_pin, mosi_pin, miso_pin, select_pin)


class _Factory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    def __init__(self, revision: int, chips: dict[str, Mcp3008]) -> None:
        super().__init__(revision=f"{revision:x}", pin_class=_WiredPin)
        self.chips = chips

    def _get_spi_class(self, shared: bool, hardware: bool) -> type[_MockSpi]:
        del hardware
        return _SharedMockSpi if shared else _MockSpi


class MockBoard:
    """`factory` is what the agent's adapters are given; the verbs are those of `Board`, on the caller's thread."""

    def __init__(self, *, revision: int = PI_4B) -> None:
        self.adcs = [Mcp3008() for _ in range(SPI_DEVICES)]
        self.factory = _Factory(revision, dict(zip(_CHIP_ENABLES, self.adcs, strict=True)))

    def _pin(self, pin: int) -> _WiredPin:
        wired: _WiredPin = self.factory.pin(pin)
        return wired

    def _drive(self, pin: int, level: bool | None) -> None:
        wired = self._pin(pin)
        wired.external = level
        wired.settle()

    def drive_low(self, pin: int) -> None:
        self._drive(pin, False)

    def drive_high(self, pin: int) -> None:
        self._drive(pin, True)

    def let_go(self, pin: int) -> None:
        self._drive(pin, None)

    def level(self, pin: int) -> bool:
        wired = self._pin(pin)
        return False if wired.shorted else bool(wired.state)

    def output(self, pin: int) -> bool | None:
        return self._pin(pin).driven

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

    def _burst(self, edges: Sequence[tuple[int, int, bool]]) -> None:
        end = time.monotonic()
        for offset, pin, level in edges:
            wired = self._pin(pin)
            wired.edge_time = end - (edges[-1][0] - offset) / 1e6
            try:
                self._drive(pin, level)
            finally:
                wired.edge_time = None

    def on_output(self, pin: int, callback: OnOutput) -> Undo:
        listeners = self._pin(pin).listeners
        listeners.append(callback)
        return lambda: listeners.remove(callback)

    def short(self, pin: int) -> None:
        wired = self._pin(pin)
        wired.shorted = True
        wired.settle()

    def break_wire(self, pin: int) -> None:
        wired = self._pin(pin)
        wired.broken = True
        wired.settle()

    def mend(self, pin: int) -> None:
        wired = self._pin(pin)
        wired.shorted = wired.broken = False
        wired.settle()

    def close(self) -> None:
        self.factory.close()


def in_process_factory(*, revision: int = PI_4B) -> MockBoard:
    """A mock board; hand its `.factory` to gpiozero devices, and move it with the verbs."""
    return MockBoard(revision=revision)
