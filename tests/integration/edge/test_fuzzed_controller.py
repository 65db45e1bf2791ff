"""Whatever a controller's line brings: a sentence that says why, no number that was not asked for, and the next answer counts."""

from __future__ import annotations

import asyncio
import re
import struct
from dataclasses import dataclass, field

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from edge.adapters.modbus import ModbusLiftController
from edge.errors import ControllerError
from schemas.equipment import LiftRegisters, ModbusController

UNIT = 3
READ_HOLDING = 3
COUNT = 12


@dataclass
class Line:
    """A TCP line on which each question is answered with the bytes that were put there; then the line stays open."""

    answers: list = field(default_factory=list)

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        try:
            while True:
                question = await reader.readexactly(12)
                tid, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", question)
                answer = self.answers.pop(0) if self.answers else good
                writer.write(answer(tid, unit, function, count))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def framed(tid: int, unit: int, body: bytes, *, protocol: int = 0, length: int | None = None) -> bytes:
    return struct.pack(">HHHB", tid, protocol, len(body) + 1 if length is None else length, unit) + body


def registers(values) -> bytes:
    return struct.pack(f">{len(values)}H", *values)


def good(tid, unit, function, count):
    return framed(tid, unit, struct.pack(">BB", function, 2 * count) + registers(range(count)))


GOOD = {name: number for number, name in enumerate(LiftRegisters.model_fields)}


def wrong_unit(other):
    return lambda tid, unit, function, count: good(tid, unit ^ other, function, count)


def other_question(by):
    return lambda tid, unit, function, count: good((tid + by) & 0xFFFF or 1, unit, function, count)


def exception(code):
    return lambda tid, unit, function, _: framed(tid, unit, bytes((function | 0x80, code)))


def of_length(number, said):
    return lambda tid, unit, function, _: framed(
        tid, unit, bytes((function, said)) + registers([7] * (number // 2)) + b"\x01" * (number % 2)
    )


def other_function(function):
    return lambda tid, unit, _, count: good(tid, unit, function, count)


def body(raw):
    return lambda tid, unit, *_: framed(tid, unit, raw)


def torn(length):
    return lambda tid, unit, *_: framed(tid, unit, bytes((READ_HOLDING,)), length=length)


def raw(anything):
    return lambda *_: anything


BYTE = st.integers(0, 255)
odd_answers = st.one_of(
    st.integers(1, 255).map(wrong_unit),
    st.integers(1, 0xFFFE).map(other_question),
    BYTE.map(exception),
    st.tuples(st.integers(0, 250).filter(lambda n: n != 2 * COUNT), BYTE).map(lambda pair: of_length(*pair)),
    BYTE.filter(lambda function: function != READ_HOLDING).map(other_function),
    st.binary(max_size=60).filter(lambda b: b[:2] != bytes((READ_HOLDING, 2 * COUNT))).map(body),
    st.integers(0, 0xFFFF).map(torn),
    st.binary(max_size=80).map(raw),
)


PATIENCE_S = 10.0


def asking(port: int) -> ModbusLiftController:
    return ModbusLiftController(
        ModbusController.model_validate({"host": "127.0.0.1", "port": port, "unit": UNIT, "timeout_s": 0.05})
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(odd_answers, min_size=1, max_size=3))
@example([other_function(4)])
@example([other_function(0x17), of_length(2 * COUNT - 1, 2 * COUNT)])
def test_an_odd_answer_is_said_and_never_taken_for_a_reading(answers):
    async def ask() -> None:
        # pymodbus lets asyncio say that a frame cannot be decoded; what counts here is what the node makes of it.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with Line(list(answers)) as line:
            lift = asking(line.port)
            try:
                said = []
                while line.answers:
                    # On a busy machine an odd answer may come when it is waited for no more, and the next question has a good one.
                    try:
                        assert await lift.read() == GOOD
                    except ControllerError as error:
                        said.append(str(error))
                assert len(said) >= len(answers), "an odd answer was taken for a reading"
                assert all(re.match(r"controller 127\.0\.0\.1:\d+ unit 3", one) for one in said)
                # Most odd answers are waited for in vain, and shortly; one that is good has its time.
                lift._client.ctx.comm_params.timeout_connect = PATIENCE_S
                # At most one question more finds a line that the odd answer has closed.
                assert await again(lift) == GOOD
            finally:
                lift.close()

    asyncio.run(ask())


async def again(lift: ModbusLiftController) -> dict[str, int]:
    try:
        return await lift.read()
    except ControllerError:
        return await lift.read()
