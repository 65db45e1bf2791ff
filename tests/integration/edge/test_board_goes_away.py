"""A board that goes away: noticed at once, no thread that spins, no command that waits for ever."""

import contextlib
import socket
import threading
import time

import pytest

from edge.adapters.gpio import open_pin_factory
from edge.adapters.pigpio import ANSWER_S, BoardGone
from edge.errors import BoardError
from edge.settings import BoardSection
from firmware_sim.board import VirtualBoard
from firmware_sim.pigpio_server import served_in_thread


@pytest.fixture
def served():
    with served_in_thread(VirtualBoard()) as [server]:
        factory = open_pin_factory(BoardSection(pin_factory="pigpio", port=server.port))
        yield server, factory
        with contextlib.suppress(BoardGone):
            factory.close()


def test_pins_and_converters_work_through_it(served):
    _, factory = served
    assert factory.pin(4).state in {0, 1}
    bus = factory.spi(port=0, device=0)
    assert len(bus.transfer([1, 128, 0])) == 3
    bus.close()


def test_the_thread_for_edges_ends_with_its_connection_and_the_next_command_fails_at_once(served):
    server, factory = served
    notify = factory.connection._notify
    pin = factory.pin(4)
    server.cut()
    notify.join(5)
    assert not notify.is_alive(), "it would read the end of its connection over and over"
    began = time.monotonic()
    with pytest.raises(BoardGone, match="no longer answers; check that it runs"):
        _ = pin.state
    assert time.monotonic() - began < ANSWER_S / 2


def test_somebody_who_never_answers_is_no_board():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        began = time.monotonic()
        with pytest.raises(BoardError, match="no board answers"):
            open_pin_factory(BoardSection(pin_factory="pigpio", port=mute.getsockname()[1]))
        assert time.monotonic() - began < ANSWER_S * 2


def test_a_board_that_freezes_is_given_up_after_its_time(served):
    server, factory = served
    pin = factory.pin(4)
    _ = pin.state
    thaw = threading.Event()
    server._loop.call_soon_threadsafe(thaw.wait)
    try:
        with pytest.raises(BoardGone):
            _ = pin.state
        with pytest.raises(BoardGone):
            _ = pin.state
    finally:
        thaw.set()
