"""The mock board keeps the promises of `Board` with gpiozero's own devices."""

import itertools
import random

import pytest
from gpiozero import MCP3008, DigitalInputDevice, DigitalOutputDevice, PWMOutputDevice

from firmware_sim.board import Board, VirtualBoard
from firmware_sim.mock_board import in_process_factory
from firmware_sim.wiegand import Card, frame


@pytest.fixture
def board():
    board = in_process_factory()
    yield board
    board.close()


def test_both_boards_keep_one_protocol():
    verbs = [name for name in vars(Board) if not name.startswith("_")]
    assert len(verbs) == 12
    for board in (VirtualBoard(), in_process_factory()):
        assert all(callable(getattr(board, verb)) for verb in verbs)


def test_the_wire_outlives_the_agents_pull(board):
    """A plain MockPin would forget the closed relay when the agent turns its pull-up on."""
    board.drive_low(17)
    with DigitalInputDevice(17, pull_up=True, pin_factory=board.factory) as relay:
        assert relay.value == 1
        board.let_go(17)
        assert relay.value == 0


def test_edges_and_bounce_arrive_in_order(board):
    seen = []
    with DigitalInputDevice(17, pull_up=True, pin_factory=board.factory) as contact:

        def remember(ticks, state):
            seen.append((ticks, bool(state)))

        contact.pin.when_changed = remember
        board.bounce(17, False, 20, random.Random(3))
    assert seen[-1][1] is False
    assert len(seen) % 2 == 1
    assert len(seen) >= 3
    assert all(a[0] <= b[0] for a, b in itertools.pairwise(seen))
    assert seen[-1][0] - seen[0][0] <= 0.0201


def test_outputs_faults_and_pwm(board):
    heard = []
    undo = board.on_output(23, heard.append)
    with DigitalOutputDevice(23, pin_factory=board.factory) as siren:
        siren.on()
        board.short(23)
        assert board.level(23) is False
        board.mend(23)
    assert heard == [False, True, False, True, None]
    undo()
    with PWMOutputDevice(18, pin_factory=board.factory) as beacon:
        beacon.value = 0.5
        assert board.output(18) is True


def test_a_broken_wire_reads_as_its_pull(board):
    with DigitalInputDevice(17, pull_up=True, pin_factory=board.factory):
        board.drive_low(17)
        board.break_wire(17)
        assert board.level(17) is True
        board.mend(17)
        assert board.level(17) is False


@pytest.mark.parametrize(("volts", "code"), [(0.0, 0), (1.65, 512), (3.3, 1023), (2.0, 620), (5.0, 1023)])
def test_the_adc_reads_its_channel(board, volts, code):
    board.set_voltage(3, volts)
    board.set_voltage(5, 1.0, device=1)
    with MCP3008(channel=3, pin_factory=board.factory) as adc:
        assert adc.raw_value == code
    with MCP3008(channel=5, device=1, pin_factory=board.factory) as adc:
        assert adc.raw_value == 310


def test_a_card_is_pulsed_with_its_times(board):
    bits = frame(Card(7, 1234))
    falls = []
    with (
        DigitalInputDevice(5, pull_up=True, pin_factory=board.factory) as d0,
        DigitalInputDevice(6, pull_up=True, pin_factory=board.factory) as d1,
    ):

        def zero(ticks, state):
            if not state:
                falls.append((ticks, 0))

        def one(ticks, state):
            if not state:
                falls.append((ticks, 1))

        d0.pin.when_changed = zero
        d1.pin.when_changed = one
        for pin in (5, 6):
            board.drive_high(pin)
        board.pulse_wiegand(5, 6, bits)
    assert [bit for _, bit in falls] == list(bits)
    assert falls[-1][0] - falls[0][0] == pytest.approx(25 * 0.00205, abs=1e-6)
