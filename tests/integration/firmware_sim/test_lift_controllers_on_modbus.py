"""Lift controllers answer pymodbus's own client, and fail the ways controllers fail."""

from contextlib import asynccontextmanager

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException

from firmware_sim.errors import PortInUseError
from firmware_sim.modbus import ControllerServer, LiftController
from schemas.equipment import LiftRegisters


@asynccontextmanager
async def bus(*controllers, patience=10.0):
    server = ControllerServer(controllers)
    port = await server.start()
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=patience, retries=0, reconnect_delay=0)
    try:
        assert await client.connect()
        yield client, server
    finally:
        client.close()
        await server.stop()


def signed(word):
    return word - 0x10000 if word & 0x8000 else word


async def test_each_unit_shows_its_own_lift():
    up, down = LiftController(1), LiftController(2)
    up.show({"service_mode": 1, "floor": 3, "speed": 1750, "direction": 1})
    down.show({"service_mode": 1, "floor": -1, "speed": -1000, "direction": 2})
    async with bus(up, down) as (client, _):
        for unit, expected in ((1, (3, 1750)), (2, (-1, -1000))):
            answer = await client.read_holding_registers(0, count=12, device_id=unit)
            assert (signed(answer.registers[2]), signed(answer.registers[3])) == expected
        up.show({"floor": 4})
        assert (await client.read_holding_registers(2, count=1, device_id=1)).registers == [4]


async def test_registers_may_lie_anywhere():
    names = LiftRegisters.model_fields
    registers = LiftRegisters(**{name: 100 + 3 * index for index, name in enumerate(names)})
    lift = LiftController(7, registers)
    lift.show({"load": 450})
    async with bus(lift) as (client, _):
        answer = await client.read_holding_registers(registers.load, count=1, device_id=7)
        assert answer.registers == [450]
        assert (await client.read_holding_registers(101, count=1, device_id=7)).exception_code == 2


async def test_nobody_writes_to_a_lift_and_an_unknown_unit_is_said_so():
    async with bus(LiftController(1)) as (client, _):
        assert (await client.write_register(0, 1, device_id=1)).exception_code == 1
        assert (await client.read_holding_registers(0, count=1, device_id=9)).exception_code == 11


async def test_a_controller_fails_and_recovers():
    lift = LiftController(1)
    lift.show({"floor": 5})
    async with bus(lift) as (client, _):
        lift.refuse()
        assert (await client.read_holding_registers(2, count=1, device_id=1)).exception_code == 6
        lift.recover()
        lift.slow_down(0.05)
        assert (await client.read_holding_registers(2, count=1, device_id=1)).registers == [5]
        lift.fall_silent()
        patience, client.ctx.comm_params.timeout_connect = client.ctx.comm_params.timeout_connect, 0.3
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(2, count=1, device_id=1)
        client.ctx.comm_params.timeout_connect = patience
        lift.recover()
        await client.connect()
        assert (await client.read_holding_registers(2, count=1, device_id=1)).registers == [5]


async def test_a_taken_port_is_said_so():
    async with bus(LiftController(1)) as (_, server):
        with pytest.raises(PortInUseError, match=f"{server.port}: the port is in use"):
            await ControllerServer([LiftController(1)]).start(port=server.port)
