"""Lift controllers as Modbus TCP servers: one unit per lift, read-only, with the failures that controllers have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from firmware_sim.errors import PortInUseError
from schemas.equipment import LiftRegisters

RegisterName = Literal[
    "service_mode",
    "direction",
    "floor",
    "speed",
    "door_state",
    "load",
    "fault_code",
    "main_power",
    "alarm_button",
    "at_level",
    "presence",
    "door_reversals",
]
_LOWEST: Final = -0x8000
_HIGHEST: Final = 0x7FFF
_READS: Final = frozenset({3, 4})
"""Holding and input registers read the same; a write is refused, as nobody writes to a lift."""


class LiftController:
    """The registers of one lift, behind one unit id. Values are signed 16 bit; names are those of `LiftRegisters`."""

    def __init__(self, unit: int, registers: LiftRegisters | None = None) -> None:
        self.unit = unit
        self.registers = registers or LiftRegisters()
        self._addresses: dict[str, int] = self.registers.model_dump()
        self._values: dict[str, int] = dict.fromkeys(self._addresses, 0)
        self._silent = False
        self._exception: ExcCodes | None = None
        self._delay_s = 0.0

    def show(self, values: Mapping[RegisterName, int]) -> None:
        """Put these values into the registers."""
        for name, value in values.items():
            if not _LOWEST <= value <= _HIGHEST:
                raise ValueError(f"{name} = {value} does not fit a register")
            self._values[name] = value

    def value(self, name: RegisterName) -> int:
        return self._values[name]

    # -- what goes wrong with controllers ----------------------------------------------------------------------------

    def fall_silent(self) -> None:
        """Take requests and never answer them, as a hung controller does."""
        self._silent = True

    def refuse(self, code: int = ExcCodes.DEVICE_BUSY) -> None:
        """Answer every request with this Modbus exception."""
        self._exception = ExcCodes(code)

    def slow_down(self, seconds: float) -> None:
        """Answer, but only after `seconds` of real time."""
        self._delay_s = seconds

    def recover(self) -> None:
        self._silent = False
        self._exception = None
        self._delay_s = 0.0

    # -- behind the socket -------------------------------------------------------------------------------------------

    def device(self) -> SimDevice:
        """What pymodbus serves: the registers, filled in anew at every request."""
        return SimDevice(
            id=self.unit,
            simdata=[
                SimData(address=address, values=[0], datatype=DataType.REGISTERS)
                for address in sorted(set(self._addresses.values()))
            ],
            action=self._answer,
        )

    async def _answer(  # noqa: PLR0917 - the signature is pymodbus's
        self,
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        current_registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        del address, count
        if self._silent:
            # pymodbus answers whatever a handler returns or raises, save that it was cancelled.
            raise asyncio.CancelledError
        if self._delay_s:
            await asyncio.sleep(self._delay_s)
        if self._exception is not None:
            return self._exception
        if set_values is not None or function_code not in _READS:
            return ExcCodes.ILLEGAL_FUNCTION
        for name, register in self._addresses.items():
            current_registers[register - start_address] = self._values[name] & 0xFFFF
        return None


async def _no_such_unit(*_request: object) -> ExcCodes:
    return ExcCodes.GATEWAY_NO_RESPONSE


class ControllerServer:
    """One Modbus TCP server on loopback with any number of lift controllers behind it."""

    def __init__(self, controllers: Iterable[LiftController]) -> None:
        self.controllers = {controller.unit: controller for controller in controllers}
        self.port = 0
        self._server: ModbusTcpServer | None = None
        self._connected = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; 0 takes a free port."""
        nobody: list[SimDevice] = []
        if 0 not in self.controllers:
            registers = SimData(address=0, values=[0], datatype=DataType.REGISTERS, count=64)
            nobody.append(SimDevice(id=0, simdata=[registers], action=_no_such_unit))
        devices = [controller.device() for controller in self.controllers.values()]
        server = ModbusTcpServer([*devices, *nobody], address=(host, port), trace_connect=self._count)
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            raise PortInUseError(host, port, "the lift controllers' Modbus server") from error
        self._server = server
        self.port = _listening_port(server)
        return self.port

    @property
    def connections(self) -> int:
        return self._connected

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves this one untyped
            self._server = None

    def _count(self, connected: bool) -> None:
        self._connected += 1 if connected else -1


def _listening_port(server: ModbusTcpServer) -> int:
    transport = server.transport
    assert isinstance(transport, asyncio.Server)
    port: int = transport.sockets[0].getsockname()[1]
    return port
