"""What the use cases need of the equipment: pins, converters, controllers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from schemas.equipment import DigitalInput, DigitalOutput, ModbusController, WiegandReader

Line = tuple[str, str]
"""One wired input or output: (equipment or output id, its name in the configuration)."""
OnEdge = Callable[[Line, bool, float, float], None]
"""(line, active, mono, time of the edge as the pin factory measured it in seconds). Called on the event loop, in the
order of the edges. `mono` is when it was told; the time of the edge says how long a level stood, however late it was told."""
OnPulse = Callable[[str, int, float, float], None]
"""(equipment, bit, time of the edge as the pin factory measured it in seconds, mono). Called on the event loop."""


class Board(Protocol):
    """The header of one board. Levels are logical: true is the input's `active`. Raises BoardError."""

    def open_inputs(self, inputs: Mapping[Line, DigitalInput], on_edge: OnEdge) -> dict[Line, bool]:
        """Watch these lines from now on; the levels they have now."""

    def open_readers(self, readers: Mapping[str, WiegandReader], on_pulse: OnPulse) -> None: ...

    def open_outputs(self, outputs: Mapping[str, DigitalOutput], states: Mapping[str, bool]) -> None:
        """Take these lines over, each in its given state from the first moment."""

    def rewire(
        self,
        inputs: Mapping[Line, DigitalInput],
        readers: Mapping[str, WiegandReader],
        outputs: Mapping[str, DigitalOutput],
        states: Mapping[str, bool],
    ) -> None:
        """Lay the lines so, once they have been opened. Those that are as they should be are not touched: a driven output
        does not let go for a moment. Where one cannot be opened some are laid and some are not; laying them as they were
        before puts that right.
        """

    def drive(self, output: str, on: bool) -> None: ...

    def levels(self) -> dict[Line, bool]:
        """What the lines have now, read anew. May block for some milliseconds; may be called from another thread."""

    def close(self) -> None:
        """Give every line back: it becomes an input, and the equipment takes its fail-safe state."""


class AnalogReader(Protocol):
    """The converters on SPI. Blocking; called from one thread. Raises BoardError."""

    def volts(self, device: int, channel: int) -> float: ...
    def close(self) -> None: ...


class Instruments(Protocol):
    """Opens what hangs on buses."""

    def converters(self, channels: Sequence[tuple[int, int]]) -> AnalogReader | None:
        """For these (device, channel); None where there are none. Raises BoardError."""

    def controller(self, wired: ModbusController) -> LiftController: ...


class LiftController(Protocol):
    """One controller on a field bus, read only."""

    async def read(self) -> dict[str, int]:
        """All registers at once, by name, 16 bits unsigned. Raises ControllerError."""

    def close(self) -> None: ...
