"""A lift controller's answer on Modbus TCP: twelve registers of the question that was asked, or a sentence."""

from __future__ import annotations

import asyncio
import logging
import struct
from typing import Any

from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU

from edge.adapters.modbus import ModbusLiftController
from edge.errors import ControllerError
from schemas.equipment import LiftRegisters, ModbusController
from tests.fuzz.target import Target, said

UNIT, TRANSACTION = 3, 1
COUNT = len(LiftRegisters.model_fields)
NAMES = set(LiftRegisters.model_fields)
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class Line:
    """Stands where pymodbus' client does, which hands whatever arrives to the same framer."""

    connected = True

    def __init__(self, arrived: bytes) -> None:
        self._arrived = arrived

    async def read_holding_registers(self, *_: Any, **__: Any) -> Any:
        try:
            _, answer = FramerSocket(DecodePDU(is_server=False)).handleFrame(self._arrived, UNIT, TRANSACTION)
        except Exception as error:
            raise ModbusIOException("no answer") from error
        if answer is None:
            raise ModbusIOException("no answer")
        return answer

    def close(self) -> None:
        """There is no socket."""


def one(data: bytes) -> bool:
    try:
        found = asyncio.run(_read(data))
    except ControllerError as error:
        said(error)
        return False
    assert found.keys() == NAMES
    assert all(type(value) is int and 0 <= value <= 0xFFFF for value in found.values())
    return True


async def _read(data: bytes) -> dict[str, int]:
    lift = ModbusLiftController(ModbusController(host="192.0.2.7", unit=UNIT))
    lift._client = Line(data)
    return await lift.read()


def _framed(body: bytes) -> bytes:
    return struct.pack(">HHHB", TRANSACTION, 0, len(body) + 1, UNIT) + body


TARGET = Target([_framed(struct.pack(f">BB{COUNT}H", 3, 2 * COUNT, *range(COUNT)))], one, longest=300)
