"""Contacts, loops and outputs arrive at the board as a node's configuration wires them."""

import random

import pytest

from firmware_sim.board import VirtualBoard
from firmware_sim.lines import Mode, Pull
from firmware_sim.wiring import AnalogLoop, Contact, follow_output
from schemas.equipment import AnalogInput, DigitalInput, DigitalOutput

PULLS = {"up": Pull.UP, "down": Pull.DOWN, "none": Pull.OFF}


def pulled(pin, pull):
    board = VirtualBoard()
    with board.changing(pin) as line:
        line.pull = PULLS[pull]
    return board


@pytest.mark.parametrize("pull", ["up", "down", "none"])
@pytest.mark.parametrize("active", ["low", "high"])
def test_a_contact_shows_what_it_means_whatever_its_pull(pull, active):
    board = pulled(17, pull)
    said = []
    contact = Contact(board, DigitalInput(pin=17, active=active, pull=pull), lambda: said[-1])
    for meaning in (False, True, False, True):
        said.append(meaning)
        contact.show()
        assert board.level(17) is (meaning == (active == "high"))


def test_an_open_contact_leaves_the_wire_to_its_pull():
    board = pulled(17, "up")
    contact = Contact(board, DigitalInput(pin=17), lambda: False)
    contact.show()
    assert board.lines[17].external is None
    with board.changing(17) as line:
        line.pull = Pull.DOWN
    assert board.level(17) is False, "a wrong pull in the agent shows as it would on the bench"


def test_a_bouncing_contact_ends_where_it_should_and_chatter_where_it_was():
    board = pulled(17, "up")
    closed = [False]
    contact = Contact(board, DigitalInput(pin=17), lambda: closed[0], bouncing=random.Random(1))
    edges = []
    contact.show()
    board.watch(lambda tick, levels, _changed: edges.append((tick, bool(levels >> 17 & 1))))
    closed[0] = True
    contact.show()
    assert edges[-1][1] is False
    assert len(edges) >= 3
    assert edges[-1][0] - edges[0][0] <= 12_000
    edges.clear()
    contact.chatter(random.Random(2))
    assert board.level(17) is False
    assert edges[-1][1] is False
    assert len(edges) >= 2


def test_shorts_and_broken_wires_are_faults_of_the_wire_until_mended():
    board = pulled(17, "up")
    board.drive_high(17)
    board.short(17)
    assert board.level(17) is False
    board.mend(17)
    assert board.level(17) is True
    board.drive_low(17)
    board.break_wire(17)
    assert board.level(17) is True
    board.drive_high(17)
    board.drive_low(17)
    assert board.level(17) is True
    board.mend(17)
    assert board.level(17) is False


@pytest.mark.parametrize(("value", "volts"), [(0.0, 0.6), (0.2, 3.0), (0.9, 3.1), (-0.5, 0.4)])
def test_a_loop_is_scaled_and_saturates_short_of_what_means_a_fault(value, volts):
    board = VirtualBoard()
    wire = AnalogInput(channel=2, at_zero=-0.05, at_full=0.225, fault_below_v=0.3, fault_above_v=3.2)
    cut = [False]
    loop = AnalogLoop(board, wire, lambda: value, lambda _sigma: 0.0, lambda: cut[0])
    loop.show()
    assert board.adcs[0].voltage(2) == pytest.approx(volts)
    cut[0] = True
    loop.show()
    assert board.adcs[0].voltage(2) == 0.0


@pytest.mark.parametrize("active", ["low", "high"])
@pytest.mark.parametrize("fail_safe", ["on", "off"])
def test_an_output_means_what_is_driven_and_fails_to_what_was_said(active, fail_safe):
    board = VirtualBoard()
    told = []
    follow_output(DigitalOutput(pin=26, active=active, fail_safe=fail_safe), board, told.append)
    assert told == [fail_safe == "on"]
    with board.changing(26) as line:
        line.mode, line.latch = Mode.OUTPUT, True
    assert told[-1] is (active == "high")
    with board.changing(26) as line:
        line.latch = False
    assert told[-1] is (active == "low")
    with board.changing(26) as line:
        line.mode = Mode.INPUT
    assert told[-1] is (fail_safe == "on")
