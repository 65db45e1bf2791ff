"""A connection that was lost between two turns of the loop is no defect; anything else that goes wrong in it is said."""

import asyncio
import logging
import os

from edge.adapters.mqtt import closed_meanwhile


async def said_by(act, caplog):
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(closed_meanwhile)
    with caplog.at_level(logging.ERROR, logger="asyncio"):
        act(loop)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    return [record.getMessage() for record in caplog.records]


async def test_a_writer_for_a_socket_that_was_closed_meanwhile_is_no_error(caplog):
    def asks(loop):
        reading, writing = os.pipe()
        loop.call_soon(loop.add_writer, writing, print)
        os.close(reading)
        os.close(writing)

    assert await said_by(asks, caplog) == []


async def test_anything_else_is_said(caplog):
    def fails(loop):
        loop.call_soon(int, "a defect")

    (line,) = await said_by(fails, caplog)
    assert "Exception in callback" in line
