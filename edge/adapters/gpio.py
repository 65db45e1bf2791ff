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
from edge.application.board_ports import Line, OnEdge, OnPulse
from edge.application.ports import Clock
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
        self._readers: dict[str, tuple[WiegandLines, WiegandReader, tuple[Any, Any]]] = {}
        self._pins: dict[int, Any] = {}
        # gpiozero keeps only weak references to what it calls.
        self._callbacks: dict[Line, Callable[[Any, Any], None]] = {}
        self._on_edge: OnEdge | None = None
        self._on_pulse: OnPulse | None = None

    def open_inputs(self, inputs: Mapping[Line, DigitalInput], on_edge: OnEdge) -> dict[Line, bool]:
        self._on_edge = on_edge
        for line, wired in inputs.items():
            self._open_input(line, wired)
        return self.levels()

    def open_readers(self, readers: Mapping[str, WiegandReader], on_pulse: OnPulse) -> None:
        self._on_pulse = on_pulse
        for equipment, reader in readers.items():
            self._open_reader(equipment, reader)

    def open_outputs(self, outputs: Mapping[str, DigitalOutput], states: Mapping[str, bool]) -> None:
        for name, wired in outputs.items():
            self._open_output(name, wired, states.get(name, False))

    def rewire(
        self,
        inputs: Mapping[Line, DigitalInput],
        readers: Mapping[str, WiegandReader],
        outputs: Mapping[str, DigitalOutput],
        states: Mapping[str, bool],
    ) -> None:
        # All that goes is given back first: its lines may be wanted by what comes.
        self._give_back_others(inputs, readers, outputs)
        for name in outputs.keys() - self._outputs.keys():
            self._open_output(name, outputs[name], states.get(name, False))
        for line in inputs.keys() - self._inputs.keys():
            self._open_input(line, inputs[line])
        for equipment in readers.keys() - self._readers.keys():
            self._open_reader(equipment, readers[equipment])

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
            number, pin = next(iter(self._pins.items()))
            with _said(number, "cannot be read"):
                _ = pin.state
        return levels

    def close(self) -> None:
        self._give_back(*self._pins)
        self._factory.release_all(self)

    def _open_input(self, line: Line, wired: DigitalInput) -> None:
        pin = self._pin(wired.pin, f"{line[0]}.{line[1]}")
        with _said(wired.pin, "cannot be an input"):
            pin.input_with_pull(_PULLS[wired.pull])
            pin.edges = "both"
            callback = self._edge_callback(line, wired)
            self._callbacks[line] = callback
            pin.when_changed = callback
        self._inputs[line] = (pin, wired)

    def _open_reader(self, equipment: str, reader: WiegandReader) -> None:
        d0, d1 = self._pin(reader.d0, f"{equipment}.reader.d0"), self._pin(reader.d1, f"{equipment}.reader.d1")
        with _said(reader.d0, "and its partner cannot be a card reader's lines"):
            lines = WiegandLines(d0, d1, self._factory.ticks_diff, self._bit_callback(equipment))
        self._readers[equipment] = lines, reader, (d0, d1)

    def _open_output(self, name: str, wired: DigitalOutput, on: bool) -> None:
        pin = self._pin(wired.pin, name)
        with _said(wired.pin, "cannot be an output"):
            pin.output_with_state(_electrical(wired, on))
        self._outputs[name] = (pin, wired)

    def _give_back_others(
        self,
        inputs: Mapping[Line, DigitalInput],
        readers: Mapping[str, WiegandReader],
        outputs: Mapping[str, DigitalOutput],
    ) -> None:
        for line in [line for line, (_, laid) in self._inputs.items() if inputs.get(line) != laid]:
            _, laid = self._inputs.pop(line)
            del self._callbacks[line]
            self._give_back(laid.pin)
        for equipment in [name for name, (_, laid, _) in self._readers.items() if readers.get(name) != laid]:
            _, reader, _ = self._readers.pop(equipment)
            self._give_back(reader.d0, reader.d1)
        for name in [name for name, (_, laid) in self._outputs.items() if outputs.get(name) != laid]:
            _, driven = self._outputs.pop(name)
            self._give_back(driven.pin)

    def _pin(self, number: int, what_for: str) -> Any:
        if number in self._pins:
            # What it was opened for before was not opened to its end.
            self._give_back(number)
        with _said(number, f"cannot be opened for {what_for}"):
            self._factory.reserve_pins(self, number)
            pin = self._factory.pin(number)
        self._pins[number] = pin
        return pin

    def _give_back(self, *numbers: int) -> None:
        for number in numbers:
            pin = self._pins.pop(number)
            # A board that is gone cannot be tidied, and its lines are nobody's already.
            with contextlib.suppress(Exception):
                pin.when_changed = None
                pin.close()
            self._factory.release_pins(self, number)

    def _edge_callback(self, line: Line, wired: DigitalInput) -> Callable[[Any, Any], None]:
        times = EdgeTimes(self._factory.ticks_diff)

        def callback(ticks: Any, state: Any) -> None:
            self._cross(self._edge, line, wired, _active(wired, state), self._clock.mono(), times.at(ticks))

        return callback

    def _edge(self, line: Line, wired: DigitalInput, active: bool, mono: float, at: float) -> None:
        # An edge of a line that was laid otherwise meanwhile means nothing any more.
        laid = self._inputs.get(line)
        if self._on_edge is not None and laid is not None and laid[1] == wired:
            self._on_edge(line, active, mono, at)

    def _bit_callback(self, equipment: str) -> Callable[[int, float], None]:
        def callback(bit: int, at: float) -> None:
            if self._on_pulse is not None:
                self._cross(self._on_pulse, equipment, bit, at, self._clock.mono())

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
