"""Real pins of gpiozero's mock: what a changed configuration gives back, takes over, and never lets go of."""

import pytest

from edge.adapters.gpio import GpioBoard
from edge.adapters.kept_configuration import KeptConfiguration
from edge.application.hardware import Hardware
from edge.application.wiring import wiring_of
from edge.errors import BoardError, OutboxError
from schemas.node_config import NodeConfig
from tests.fakes.edge_bench import HereAndNow, WiredPin
from tests.fakes.edge_board import FakeConverter, FakeInstruments
from tests.fakes.edge_clock import SteppedClock
from tests.unit.edge.equipment import GATE, SMOKE, detector, node_decides

SIREN = {"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}


def wiring(*equipment, outputs=(SIREN,)):
    return wiring_of(NodeConfig.model_validate({"equipment": list(equipment), "outputs": list(outputs)}))


class Somebody:
    """Another owner of a line."""

    def _conflicts_with(self, _other):
        return True


class Header:
    def __init__(self, laid) -> None:
        from gpiozero.pins.mock import MockFactory

        self.factory, self.clock = MockFactory(pin_class=WiredPin), SteppedClock()
        self.board = GpioBoard(self.factory, self.clock, HereAndNow())
        self.instruments = FakeInstruments(FakeConverter(), None)
        self.hardware = Hardware(laid, self.board, self.instruments)
        self.edges, self.pulses = [], []
        self.hardware.open_inputs(lambda line, active, *_: self.edges.append((line, active)))
        self.hardware.open_readers(lambda gate, bit, *_: self.pulses.append((gate, bit)))
        self.hardware.open_outputs({"siren": True, f"{GATE}/lock": False})

    def function(self, pin):
        return self.factory.pin(pin).function


@pytest.fixture
def header():
    header = Header(wiring(detector(), node_decides()))
    yield header
    header.hardware.close()


STATES = {"siren": True, f"{GATE}/lock": False}


def test_a_driven_output_that_stays_is_not_touched(header):
    pin = header.factory.pin(24)
    pin.clear_states()
    other = detector() | {"alarm_relay": {"pin": 2}}
    header.hardware.change(wiring(other, node_decides()), STATES, STATES)
    pin.assert_states([True])
    assert (pin.function, header.function(19)) == ("output", "input")


def test_lines_are_given_back_and_taken_for_something_else(header):
    moved = node_decides(contact={"pin": 24, "active": "high"})
    siren = SIREN | {"pin": 4}
    header.hardware.change(wiring(detector(), moved, outputs=[siren]), STATES, STATES)
    assert (header.function(24), header.function(4), header.factory.pin(4).state) == ("input", "output", True)
    header.edges.clear()
    header.factory.pin(24).lay(False)
    assert ((GATE, "contact"), False) in header.edges


def test_what_is_gone_says_nothing_any_more(header):
    levels = header.hardware.change(wiring(detector()), STATES, STATES)
    assert not [line for line in levels if line[0] == GATE]
    header.edges.clear()
    header.factory.pin(4).lay(True)
    header.factory.pin(6).drive_low()
    assert (header.edges, header.pulses) == ([], [])
    assert header.function(27) == "input"


def test_a_line_that_is_busy_lays_everything_as_it_was(header):
    somebody = Somebody()
    header.factory.reserve_pins(somebody, 2)
    other = detector() | {"alarm_relay": {"pin": 2}}
    with pytest.raises(BoardError, match="GPIO 2"):
        header.hardware.change(wiring(other), {"siren": False}, STATES)
    assert header.factory.pin(24).state is True
    assert header.function(27) == "output"
    header.edges.clear()
    header.factory.pin(19).lay(False)
    header.factory.pin(4).lay(False)
    assert {line for line, _ in header.edges} == {(SMOKE, "alarm_relay"), (GATE, "contact")}


def test_where_not_even_the_old_can_be_had_the_node_must_end(header):
    def gone(line, wired):
        raise BoardError(f"GPIO {wired.pin} cannot be opened: the board is gone")

    header.board._open_input = gone
    moved = [detector() | {"alarm_relay": {"pin": 2}}, node_decides()]
    with pytest.raises(ExceptionGroup, match="neither anew nor as they were"):
        header.hardware.change(wiring(*moved), STATES, STATES)


def test_converters_are_opened_for_what_is_read_and_closed_when_nothing_is(header):
    plain = {"kind": "smoke_detector", "id": SMOKE, "alarm_relay": {"pin": 19}}
    header.hardware.change(wiring(plain), STATES, STATES)
    assert header.instruments.converter.is_closed
    header.hardware.change(wiring(detector()), STATES, STATES)
    assert header.instruments.asked[-1]


def test_the_last_good_one_is_whole_or_the_one_before(tmp_path):
    kept = KeptConfiguration(tmp_path / "outbox.db")
    assert kept.kept() is None
    kept.prepare(b'{"version": 1}')
    assert kept.kept() is None
    kept.promote()
    kept.prepare(b'{"version": 2}')
    assert kept.kept() == b'{"version": 1}'
    kept.promote()
    assert kept.kept() == b'{"version": 2}'
    assert kept.path.name == "outbox.db.configuration.json"


def test_what_a_run_died_with_is_remembered_until_something_else_is_in_force(tmp_path):
    outbox = tmp_path / "outbox.db"
    assert KeptConfiguration(outbox).interrupted() is None
    KeptConfiguration(outbox).prepare(b"2")
    assert KeptConfiguration(outbox).interrupted() == b"2"
    KeptConfiguration(outbox).discard()
    assert KeptConfiguration(outbox).interrupted() is None
    kept = KeptConfiguration(outbox)
    kept.discard()
    kept.prepare(b"3")
    kept.promote()
    assert KeptConfiguration(outbox).interrupted() is None


def test_a_disk_that_takes_nothing_is_said(tmp_path):
    kept = KeptConfiguration(tmp_path / "nowhere" / "outbox.db")
    with pytest.raises(OutboxError, match="cannot be written"):
        kept.prepare(b"{}")
    with pytest.raises(OutboxError, match="cannot be replaced"):
        kept.promote()
