"""Lift controllers on Modbus TCP, through pymodbus. Read only: a node never writes to a safety circuit."""

from __future__ import annotations

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest

from edge.adapters.cancellation import heeding_cancellation
from edge.errors import ControllerError
from schemas.equipment import LiftRegisters, ModbusController

_MOST_REGISTERS = 125
"""What one answer can carry (Modbus application protocol 1.1b3, 6.3)."""


class ModbusLiftController:
    """One controller: all its registers in one read, so that they belong to one moment."""

    def __init__(self, controller: ModbusController) -> None:
        self._where = f"controller {controller.host}:{controller.port} unit {controller.unit}"
        self._unit = controller.unit
        self._addresses = {name: getattr(controller.registers, name) for name in LiftRegisters.model_fields}
        self._first = min(self._addresses.values())
        self._count = max(self._addresses.values()) - self._first + 1
        if self._count > _MOST_REGISTERS:
            raise ControllerError(
                f"{self._where}: its registers span {self._count}; one read carries {_MOST_REGISTERS}"
            )
        self._client = AsyncModbusTcpClient(
            controller.host, port=controller.port, timeout=controller.timeout_s, retries=0, reconnect_delay=0
        )

    async def read(self) -> dict[str, int]:
        try:
            if not self._client.connected and not await self._client.connect():
                raise ControllerError(f"{self._where} cannot be reached; check its address, cable and power")
            answer = await heeding_cancellation(
                self._client.read_holding_registers(self._first, count=self._count, device_id=self._unit)
            )
        except (ModbusException, OSError, TimeoutError) as error:
            # Whatever answer is still on its way belongs to no later question.
            self._client.close()
            raise ControllerError(f"{self._where} does not answer: {error}") from error
        if answer.isError():
            raise ControllerError(f"{self._where} answers with an exception: {answer}; check unit and register numbers")
        if answer.function_code != ReadHoldingRegistersRequest.function_code:
            raise ControllerError(f"{self._where} answered another question: function {answer.function_code}")
        if len(answer.registers) != self._count:
            raise ControllerError(f"{self._where} answered {len(answer.registers)} of {self._count} registers")
        return {name: answer.registers[address - self._first] for name, address in self._addresses.items()}

    def close(self) -> None:
        self._client.close()
