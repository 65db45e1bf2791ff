"""The lines, converters and controllers of one node, laid as a configuration wants them: wholly, or as they were before."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from edge.application.board_ports import AnalogReader, Board, Instruments, LiftController, Line, OnEdge, OnPulse
from edge.application.wiring import Wiring
from edge.errors import BoardError
from schemas.equipment import AnalogInput, ModbusController

_T = TypeVar("_T")


class Hardware:
    """What blocks on the board runs on one thread of its own, so that two reads never share the SPI bus."""

    def __init__(self, wiring: Wiring, board: Board, instruments: Instruments) -> None:
        self.wiring = wiring
        self._board = board
        self._instruments = instruments
        self._converters: AnalogReader | None = None
        self._devices: frozenset[int] = frozenset()
        self._controllers: dict[str, tuple[ModbusController, LiftController]] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="board")
        # While lines are laid anew nothing is read, and while something is read none is laid.
        self._laying = threading.Lock()

    def open_inputs(self, on_edge: OnEdge) -> dict[Line, bool]:
        """Begin to watch; the levels that contacts have now. Raises BoardError."""
        self._open_converters(self.wiring)
        self._fit_controllers(self.wiring)
        return self._board.open_inputs(self.wiring.inputs, on_edge)

    def open_readers(self, on_pulse: OnPulse) -> None:
        self._board.open_readers(self.wiring.readers, on_pulse)

    def open_outputs(self, states: Mapping[str, bool]) -> None:
        self._board.open_outputs(self.wiring.outputs, states)

    def change(self, wiring: Wiring, states: Mapping[str, bool], before: Mapping[str, bool]) -> dict[Line, bool]:
        """Lay everything as `wiring` says, outputs as in `states`; the levels that contacts have then.

        Where something cannot be opened all is laid as it was, outputs as in `before`, and BoardError says what. Where
        not even that can be done the error is raised as a group: the node must end, and starts from its last good file.
        """
        with self._laying:
            try:
                self._lay(wiring, states)
                levels = self._board.levels()
            except BoardError as refused:
                try:
                    self._lay(self.wiring, before)
                except BoardError as lost:
                    raise ExceptionGroup(
                        "the lines can be laid neither anew nor as they were", [refused, lost]
                    ) from lost
                raise
            self.wiring = wiring
            return levels

    def controller(self, equipment: str) -> LiftController:
        return self._controllers[equipment][1]

    async def levels(self) -> dict[Line, bool]:
        """All contacts, read anew."""
        return await self._on_thread(self._board.levels)

    async def volts(self, inputs: Mapping[str, AnalogInput]) -> dict[str, float]:
        return await self._on_thread(lambda: self._read_voltages(inputs))

    def drive(self, output: str, on: bool) -> None:
        self._board.drive(output, on)

    def close(self) -> None:
        """Give lines and controllers back."""
        for _, controller in self._controllers.values():
            controller.close()
        if self._converters is not None:
            self._converters.close()
        self._board.close()
        self._thread.shutdown()

    def _lay(self, wiring: Wiring, states: Mapping[str, bool]) -> None:
        devices = frozenset(device for device, _ in wiring.channels)
        if devices != self._devices and self._converters is not None:
            # First, because its lines may be wanted for something else.
            self._converters.close()
            self._converters, self._devices = None, frozenset()
        self._board.rewire(wiring.inputs, wiring.readers, wiring.outputs, states)
        if devices != self._devices:
            self._open_converters(wiring)
        self._fit_controllers(wiring)

    def _open_converters(self, wiring: Wiring) -> None:
        self._converters = self._instruments.converters(wiring.channels)
        self._devices = frozenset(device for device, _ in wiring.channels)

    def _fit_controllers(self, wiring: Wiring) -> None:
        for equipment, (wired, controller) in list(self._controllers.items()):
            if wiring.controllers.get(equipment) != wired:
                controller.close()
                del self._controllers[equipment]
        for equipment, wired in wiring.controllers.items():
            if equipment not in self._controllers:
                self._controllers[equipment] = wired, self._instruments.controller(wired)

    def _read_voltages(self, inputs: Mapping[str, AnalogInput]) -> dict[str, float]:
        if self._converters is None:
            raise BoardError("no converter is open; what asked for one was just taken out of the configuration")
        return {name: self._converters.volts(wired.device, wired.channel) for name, wired in inputs.items()}

    async def _on_thread(self, work: Callable[[], _T]) -> _T:
        def undisturbed() -> _T:
            with self._laying:
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, undisturbed)
