"""What hangs on buses, opened when a configuration asks for it; only what is needed is imported (memory on a Pi)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.application.board_ports import AnalogReader, LiftController
from schemas.equipment import ModbusController


class BusInstruments:
    """Implements `ports.Instruments`."""

    def __init__(self, pin_factory: Any) -> None:
        self._pin_factory = pin_factory

    def converters(self, channels: Sequence[tuple[int, int]]) -> AnalogReader | None:
        if not channels:
            return None
        from edge.adapters.adc import Mcp3008Reader

        return Mcp3008Reader(channels, self._pin_factory)

    def controller(self, wired: ModbusController) -> LiftController:
        from edge.adapters.modbus import ModbusLiftController

        return ModbusLiftController(wired)
