"""The Modbus adapter against a controller that answers, refuses, hangs, goes away and comes back."""

import asyncio
import time

import pytest

from edge.adapters.modbus import ModbusLiftController
from edge.errors import ControllerError
from firmware_sim.modbus import ControllerServer, LiftController
from schemas.equipment import LiftRegisters, ModbusController

PATIENCE_S = 10.0
"""Where an answer is to come, however busy the machine."""
SHORT_S = 0.3
LATE_S = 2.0


@pytest.fixture
async def controller():
    lift = LiftController(unit=3)
    lift.show({"service_mode": 1, "floor": -2, "speed": -1234, "at_level": 1, "door_reversals": 4})
    server = ControllerServer([lift])
    await server.start()
    yield lift, server
    await server.stop()


def reader(server: ControllerServer, **changes) -> ModbusLiftController:
    wired = {"host": "127.0.0.1", "port": server.port, "unit": 3, "timeout_s": PATIENCE_S} | changes
    return ModbusLiftController(ModbusController.model_validate(wired))


def waits(lift: ModbusLiftController, seconds: float) -> None:
    """For an answer, from now on."""
    lift._client.ctx.comm_params.timeout_connect = seconds


async def test_all_registers_come_in_one_answer(controller):
    _, server = controller
    lift = reader(server)
    registers = await lift.read()
    assert set(registers) == set(LiftRegisters.model_fields)
    assert (registers["floor"], registers["speed"]) == (-2 & 0xFFFF, -1234 & 0xFFFF)
    assert (registers["at_level"], registers["door_reversals"]) == (1, 4)
    lift.close()


async def test_an_exception_of_the_controller_is_said_and_the_next_question_is_asked(controller):
    sim, server = controller
    lift = reader(server)
    sim.refuse()
    with pytest.raises(ControllerError, match="answers with an exception"):
        await lift.read()
    sim.recover()
    assert (await lift.read())["service_mode"] == 1
    lift.close()


async def test_a_hung_controller_is_given_up_after_its_timeout_and_asked_afresh(controller):
    sim, server = controller
    lift = reader(server)
    await lift.read()
    sim.fall_silent()
    waits(lift, SHORT_S)
    began = time.monotonic()
    with pytest.raises(ControllerError, match="does not answer"):
        await lift.read()
    assert time.monotonic() - began < PATIENCE_S
    sim.recover()
    waits(lift, PATIENCE_S)
    assert (await lift.read())["service_mode"] == 1
    lift.close()


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(controller):
    sim, server = controller
    lift = reader(server, timeout_s=SHORT_S)
    sim.slow_down(LATE_S)
    with pytest.raises(ControllerError):
        await lift.read()
    sim.recover()
    sim.show({"floor": 9})
    await asyncio.sleep(LATE_S)  # Meanwhile the late answer comes.
    waits(lift, PATIENCE_S)
    assert (await lift.read())["floor"] == 9
    lift.close()


async def test_a_controller_that_is_not_there(controller):
    _, server = controller
    lift = reader(server, port=1)
    with pytest.raises(ControllerError, match="cannot be reached"):
        await lift.read()
    lift.close()


def test_registers_too_far_apart_for_one_read_are_refused():
    far = {"host": "192.0.2.7", "registers": {"load": 400}}
    with pytest.raises(ControllerError, match="span 401"):
        ModbusLiftController(ModbusController.model_validate(far))
