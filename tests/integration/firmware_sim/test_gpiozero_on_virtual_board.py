"""gpiozero's own PiGPIOFactory, unmodified, against a virtual board over its socket."""

import itertools
import random
import socket
import struct
import threading
import time
from contextlib import contextmanager

import pytest
from gpiozero import MCP3008, PWMLED, Button, DigitalInputDevice, DigitalOutputDevice, TonalBuzzer
from gpiozero.pins.pigpio import PiGPIOFactory
from gpiozero.tones import Tone

from firmware_sim.board import PI_4B, PI_ZERO_2W, VirtualBoard
from firmware_sim.pigpio_protocol import HEADER, Command, Error
from firmware_sim.pigpio_server import served_in_thread
from firmware_sim.wiegand import Card, frame


def until(condition, seconds=5.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.002)


@contextmanager
def pi(revision=PI_4B):
    board = VirtualBoard(revision=revision)
    with served_in_thread(board) as [server]:
        factory = PiGPIOFactory(host="127.0.0.1", port=server.port)
        try:
            yield board, factory, server
        finally:
            notify = factory.connection._notify if factory.connection else None
            factory.close()
            if notify is not None:
                notify.join(5)
                assert not notify.is_alive(), "pigpio's notification thread must end when it closes its handle"


def test_the_factory_finds_the_board_it_was_promised():
    with pi(PI_4B) as (_, factory, _server):
        assert factory.board_info.model == "4B"
    with pi(PI_ZERO_2W) as (_, factory, _server):
        assert factory.board_info.model == "Zero2W"


def test_a_contact_is_seen_in_its_true_order():
    with pi() as (board, factory, _):
        seen = []
        board.drive_low(17)
        with DigitalInputDevice(17, pull_up=True, pin_factory=factory) as contact:
            assert contact.value == 1
            contact.when_activated = lambda: seen.append("closed")
            contact.when_deactivated = lambda: seen.append("opened")
            board.let_go(17)
            until(lambda: seen == ["opened"])
            assert contact.value == 0
            board.drive_low(17)
            until(lambda: seen == ["opened", "closed"])


def test_the_pull_decides_on_a_wire_nobody_drives():
    with pi() as (board, factory, _):
        with DigitalInputDevice(22, pull_up=True, pin_factory=factory):
            assert board.level(22) is True
        with DigitalInputDevice(22, pull_up=False, pin_factory=factory):
            assert board.level(22) is False


def test_a_button_with_bounce_time_takes_only_the_steady_level():
    """bounce_time is pigpio's glitch filter: 40 ms of bouncing within 100 ms of filter is one press."""
    with pi() as (board, factory, _):
        presses = []
        with Button(27, bounce_time=0.1, pin_factory=factory) as button:
            button.when_pressed = lambda: presses.append(1)
            board.bounce(27, False, 40, random.Random(1))
            until(lambda: presses)
            assert button.is_pressed
        assert presses == [1]


def test_an_output_moves_the_building_and_falls_back_to_the_pull_when_closed():
    with pi() as (board, factory, _):
        heard = []
        undo = board.on_output(23, heard.append)
        assert board.output(23) is None
        siren = DigitalOutputDevice(23, pin_factory=factory)
        until(lambda: board.output(23) is False)
        siren.on()
        until(lambda: board.output(23) is True)
        siren.close()
        until(lambda: board.output(23) is None)
        assert heard == [False, True, None]
        undo()
        with DigitalOutputDevice(23, initial_value=True, pin_factory=factory):
            until(lambda: board.output(23) is True)
        assert heard == [False, True, None]


def test_pwm_devices_and_a_buzzer_work():
    with pi() as (board, factory, _):
        with PWMLED(18, pin_factory=factory) as led:
            led.value = 0.25
            assert led.value == pytest.approx(0.25, abs=0.01)
            assert board.lines[18].pwm.duty == 2500
        with TonalBuzzer(12, pin_factory=factory) as buzzer:
            buzzer.play(Tone(frequency=400.0))
            assert board.output(12) is True
            assert board.lines[12].pwm.frequency == 400


@pytest.mark.parametrize(("volts", "code"), [(0.0, 0), (1.65, 512), (3.3, 1023), (1.0, 310)])
def test_an_mcp3008_reads_what_stands_on_its_channel(volts, code):
    with pi() as (board, factory, _):
        board.set_voltage(3, volts)
        board.set_voltage(4, 3.3 - volts, device=1)
        with MCP3008(channel=3, pin_factory=factory) as adc:
            assert adc.raw_value == code
        with MCP3008(channel=4, device=1, pin_factory=factory) as other:
            assert other.raw_value == int((3.3 - volts) / 3.3 * 1024 if volts else 1023)


def test_an_mcp3008_on_bit_banged_lines_reads_the_same():
    """Through pigpio itself: gpiozero 2.1 hands pigpio a bit-banged bus that it cannot pack, so it offers none."""
    with pi() as (board, factory, _):
        board.set_voltage(6, 2.0)
        connection = factory.connection
        assert connection.bb_spi_open(8, 13, 6, 5, 100_000, 0) == 0
        count, received = connection.bb_spi_xfer(8, [0b1, 0b1110 << 4, 0])
        assert (count, (received[1] & 3) << 8 | received[2]) == (3, 620)
        assert connection.bb_spi_close(8) == 0


def test_a_card_arrives_as_exact_ticks():
    bits = frame(Card(site=12, number=34567))
    with pi() as (board, factory, _):
        for line in (5, 6):
            board.drive_high(line)
        with (
            DigitalInputDevice(5, pull_up=True, pin_factory=factory),
            DigitalInputDevice(6, pull_up=True, pin_factory=factory),
        ):
            edges = []
            for line in (5, 6):
                factory.connection.callback(line, 2, lambda gpio, level, tick: edges.append((tick, gpio, level)))
            board.pulse_wiegand(5, 6, bits)
            until(lambda: len(edges) == 2 * len(bits))
    falls = [(tick, gpio) for tick, gpio, level in edges if level == 0]
    assert [int(gpio == 6) for _, gpio in falls] == list(bits)
    assert {(b[0] - a[0]) % 2**32 for a, b in itertools.pairwise(falls)} == {2050}
    assert {(up[0] - down[0]) % 2**32 for down, up in zip(edges[::2], edges[1::2], strict=True)} == {50}


def test_ticks_wrap_as_the_daemons_do():
    clock = [2**32 - 1000]
    board = VirtualBoard(tick=lambda: clock[0])
    with served_in_thread(board) as [server]:
        factory = PiGPIOFactory(host="127.0.0.1", port=server.port)
        with DigitalInputDevice(5, pull_up=True, pin_factory=factory) as line:
            ticks = []

            def remember(tick, _state):
                ticks.append(tick)

            line.pin.when_changed = remember
            board.drive_low(5)
            clock[0] += 3000
            board.drive_high(5)
            until(lambda: len(ticks) == 2)
            assert factory.ticks_diff(ticks[1], ticks[0]) == pytest.approx(0.003)
        notify = factory.connection._notify
        factory.close()
        notify.join(5)


def test_a_cut_connection_is_dropped_and_a_new_one_is_welcome():
    board = VirtualBoard()
    with served_in_thread(board) as [server]:
        with socket.create_connection(("127.0.0.1", server.port)) as agent:
            agent.sendall(HEADER.pack(Command.BR1, 0, 0, 0))
            assert len(agent.recv(16)) == 16
            server.cut()
            assert agent.recv(16) == b""
        with socket.create_connection(("127.0.0.1", server.port)) as agent:
            agent.sendall(HEADER.pack(Command.PIGPV, 0, 0, 0))
            assert HEADER.unpack(agent.recv(16))[3] == 79


def test_what_the_daemon_does_not_know_is_answered_with_its_error_and_the_next_command_is_served():
    board = VirtualBoard()
    with served_in_thread(board) as [server], socket.create_connection(("127.0.0.1", server.port)) as agent:
        for command, p1, p2, extension, expected in [
            (38, 0, 0, b"a script", Error.UNKNOWN_COMMAND),
            (9999, 1, 2, b"", Error.UNKNOWN_COMMAND),
            (Command.MODES, 54, 0, b"", Error.BAD_GPIO),
            (Command.MODES, 4, 9, b"", Error.BAD_MODE),
            (Command.PUD, 4, 3, b"", Error.BAD_PUD),
            (Command.WRITE, 4, 2, b"", Error.BAD_LEVEL),
            (Command.PWM, 40, 1, b"", Error.BAD_USER_GPIO),
            (Command.GDC, 4, 0, b"", Error.NOT_PWM_GPIO),
            (Command.FG, 4, 300_001, b"", Error.BAD_FILTER),
            (Command.SPIO, 2, 500_000, struct.pack("<I", 0), Error.BAD_SPI_CHANNEL),
            (Command.SPIX, 7, 0, b"abc", Error.BAD_HANDLE),
            (Command.SPIO, 0, 500_000, b"x", Error.BAD_PARAM),
            (Command.NB, 3, 0xFF, b"", Error.BAD_HANDLE),
            (Command.READ, 4, 0, b"", 1),
        ]:
            agent.sendall(HEADER.pack(command, p1, p2, len(extension)) + extension)
            answered, _, _, result = HEADER.unpack(agent.recv(16))
            assert (answered, result) == (command, expected & 0xFFFFFFFF)


def test_twenty_boards_cost_one_thread():
    before = threading.active_count()
    boards = [VirtualBoard(f"b{number}") for number in range(20)]
    with served_in_thread(*boards) as servers:
        assert threading.active_count() == before + 1
        assert len({server.port for server in servers}) == 20
