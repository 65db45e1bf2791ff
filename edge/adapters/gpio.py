"""The header's lines, through gpiozero's pins. Debouncing is ours, so its devices and their threads are not needed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edge.adapters.edge_times import EdgeTimes
from edge.adapters.pigpio import guard, require_board
from edge.adapters.wiegand import WiegandLines
from edge.application.ports import Clock, Line, OnEdge, OnPulse
from edge.errors import BoardError
from edge.settings import BoardSection
from schemas.equipment import DigitalInput, DigitalOutput, WiegandReader

_MODEL = Path("/proc/device-tree/model")
_PULLS = {"up": "up", "down": "down", "none": "floating"}


def open_pin_factory(board: BoardSection) -> Any:
    """The pin factory that node.toml names; never gpiozero's global one, so several agents can live in one process.

    Raises BoardError that says what to do.
    """
    name = board.pin_factory
    if name == "auto":
        with contextlib.suppress(OSError):
            name = "lgpio" if "Raspberry Pi" in _MODEL.read_text(encoding="utf-8", errors="replace") else name
    try:
        match name:
            case "lgpio":
                from gpiozero.pins.lgpio import LGPIOFactory

                return LGPIOFactory()
            case "pigpio":
                return _pigpio(board.host, board.port)
            case "mock":
                from gpiozero.pins.mock import MockFactory

                return MockFactory()
    except ImportError as error:
        raise BoardError(f"pin factory {name} is not installed: {error}; pip install 'tocsin[edge-pi]'") from error
    except OSError as error:
        raise BoardError(f"pin factory {name} cannot be opened: {error}; is this user in the group gpio?") from error
    raise BoardError(
        'this machine is no Raspberry Pi: set [board] pin_factory = "pigpio" with host and port of a (virtual) board,'
        ' or "mock" to try the agent without one'
    )


class GpioBoard:
    """Lines of one board. gpiozero calls back on a thread of its own; each edge is stamped there and crosses once."""

    def __init__(self, pin_factory: Any, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._factory = pin_factory
        self._clock = clock
        self._loop = loop
        self._inputs: dict[Line, tuple[Any, DigitalInput]] = {}
        self._outputs: dict[str, tuple[Any, DigitalOutput]] = {}
        self._readers: list[WiegandLines] = []
        self._pins: list[Any] = []
        self._callbacks: list[Callable[[Any, Any], None]] = []

    def open_inputs(self, inputs: Mapping[Line, DigitalInput], on_edge: OnEdge) -> dict[Line, bool]:
        for line, wired in inputs.items():
            pin = self._pin(wired.pin, f"{line[0]}.{line[1]}")
            with _said(wired.pin, "cannot be an input"):
                pin.input_with_pull(_PULLS[wired.pull])
                pin.edges = "both"
                callback = self._edge_callback(line, wired, on_edge)
                self._callbacks.append(callback)
                pin.when_changed = callback
            self._inputs[line] = (pin, wired)
        return self.levels()

    def open_readers(self, readers: Mapping[str, WiegandReader], on_pulse: OnPulse) -> None:
        for equipment, reader in readers.items():
            d0, d1 = self._pin(reader.d0, f"{equipment}.reader.d0"), self._pin(reader.d1, f"{equipment}.reader.d1")
            with _said(reader.d0, "and its partner cannot be a card reader's lines"):
                self._readers.append(
                    WiegandLines(d0, d1, self._factory.ticks_diff, self._bit_callback(equipment, on_pulse))
                )

    def open_outputs(self, outputs: Mapping[str, DigitalOutput], states: Mapping[str, bool]) -> None:
        for name, wired in outputs.items():
            pin = self._pin(wired.pin, name)
            with _said(wired.pin, "cannot be an output"):
                pin.output_with_state(_electrical(wired, states.get(name, False)))
            self._outputs[name] = (pin, wired)

    def drive(self, output: str, on: bool) -> None:
        pin, wired = self._outputs[output]
        with _said(wired.pin, "cannot be driven"):
            pin.state = _electrical(wired, on)

    def levels(self) -> dict[Line, bool]:
        levels = {}
        for line, (pin, wired) in self._inputs.items():
            with _said(wired.pin, "cannot be read"):
                levels[line] = _active(wired, pin.state)
        if not self._inputs and self._pins:
            # Nothing to read, but whether the board is there at all is to be known within the same time.
            with _said(self._pins[0].number, "cannot be read"):
                _ = self._pins[0].state
        return levels

    def close(self) -> None:
        for pin in self._pins:
            # A board that is gone cannot be tidied, and its lines are nobody's already.
            with contextlib.suppress(Exception):
                pin.when_changed = None
                pin.close()
        self._pins.clear()
        self._factory.release_all(self)

    def _pin(self, number: int, what_for: str) -> Any:
        with _said(number, f"cannot be opened for {what_for}"):
            self._factory.reserve_pins(self, number)
            pin = self._factory.pin(number)
        self._pins.append(pin)
        return pin

    def _edge_callback(self, line: Line, wired: DigitalInput, on_edge: OnEdge) -> Callable[[Any, Any], None]:
        times = EdgeTimes(self._factory.ticks_diff)

        def callback(ticks: Any, state: Any) -> None:
            self._cross(on_edge, line, _active(wired, state), self._clock.mono(), times.at(ticks))

        return callback

    def _bit_callback(self, equipment: str, on_pulse: OnPulse) -> Callable[[int, float], None]:
        def callback(bit: int, at: float) -> None:
            self._cross(on_pulse, equipment, bit, at, self._clock.mono())

        return callback

    def _cross(self, call: Callable[..., None], *arguments: object) -> None:
        # The loop may be gone already while the board's thread tells its last edge.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)

    def _conflicts_with(self, _other: object) -> bool:
        """Asked by gpiozero of whoever holds a line already. A line has one owner."""
        return True


def _active(wired: DigitalInput, state: Any) -> bool:
    return bool(state) == (wired.active == "high")


def _electrical(wired: DigitalOutput, on: bool) -> bool:
    return on == (wired.active == "high")


@contextlib.contextmanager
def _said(number: int, what: str) -> Any:
    try:
        yield
    except BoardError:
        raise
    except Exception as error:  # each pin library has errors of its own, without a common root
        raise BoardError(f"GPIO {number} {what}: {error}") from error


def _pigpio(host: str, port: int) -> Any:
    import io
    from contextlib import redirect_stdout

    from gpiozero.pins.pigpio import PiGPIOFactory

    try:
        require_board(host, port)
        # pigpio prints a page of advice on pigpiod where it cannot connect; ours follows.
        with redirect_stdout(io.StringIO()):
            factory = PiGPIOFactory(host=host, port=port)
    except OSError as error:
        raise BoardError(
            f"no board answers at {host}:{port} ({error}); start it, or correct [board] host and port"
        ) from error
    guard(factory.connection, f"{host}:{port}")
    return factory
