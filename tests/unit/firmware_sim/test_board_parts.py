"""Protocol words, the converter, Wiegand frames and the two filters, each on its own."""

import itertools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.board import VirtualBoard
from firmware_sim.filters import Edge, GlitchFilter, NoiseFilter
from firmware_sim.mcp3008 import Mcp3008
from firmware_sim.pigpio_commands import BoardCommands
from firmware_sim.pigpio_protocol import Command, Error, Reply, Request, decode, encode, extension_length, report
from firmware_sim.serving import SimulatedTicks
from firmware_sim.wiegand import Card, frame

words = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(command=words, p1=words, p2=words, extension=st.binary(max_size=64))
def test_a_request_is_read_as_it_was_packed(command, p1, p2, extension):
    header = struct.pack("<IIII", command, p1, p2, len(extension))
    assert extension_length(header) == len(extension)
    assert decode(header, extension) == Request(command, p1, p2, len(extension), extension)


@settings(deadline=None)
@given(result=st.integers(-200, 2**31 - 1), data=st.binary(max_size=16))
def test_a_reply_carries_its_result_signed_and_its_data_behind(result, data):
    packed = encode(Request(Command.SPIX, 1, 2), Reply(result, data))
    assert struct.unpack("<IIIi", packed[:16]) == (Command.SPIX, 1, 2, result)
    assert packed[16:] == data


@settings(deadline=None)
@given(sequence=st.integers(0, 10**6), tick=st.integers(0, 2**40), levels=words)
def test_a_report_wraps_what_wraps(sequence, tick, levels):
    assert struct.unpack("<HHII", report(sequence, tick, levels)) == (sequence % 2**16, 0, tick % 2**32, levels)


@settings(deadline=None)
@given(command=words, p1=words, p2=words, extension=st.binary(max_size=40))
def test_no_command_whatever_brings_the_board_down(command, p1, p2, extension):
    commands = BoardCommands(VirtualBoard())
    for known in (command, command % 120):
        reply = commands.execute(Request(known, p1, p2, len(extension), extension))
        assert -(2**31) <= reply.result < 2**32


def test_spi_handles_run_out_and_come_back():
    commands = BoardCommands(VirtualBoard())
    opening = Request(Command.SPIO, 0, 500_000, 4, bytes(4))
    handles = [commands.execute(opening).result for _ in range(32)]
    assert handles == list(range(32))
    assert commands.execute(opening).result == Error.NO_HANDLE
    assert commands.execute(Request(Command.SPIC, 5, 0)).result == 0
    assert commands.execute(opening).result == 5


@settings(deadline=None)
@given(channel=st.integers(0, 7), volts=st.floats(-1, 6), before=st.integers(0, 7))
def test_the_converter_answers_in_the_bits_of_its_data_sheet(channel, volts, before):
    """Any number of leading zero bits may come before the start bit; the result follows it all the same."""
    chip = Mcp3008()
    chip.set_voltage(channel, volts)
    sent = (0b11000 | channel) << (19 - before)
    received = int.from_bytes(chip.transfer(sent.to_bytes(3, "big")), "big")
    answer = received >> (7 - before) & 0xFFF
    assert answer == min(max(int(volts / 3.3 * 1024), 0), 1023), "the sample and null bits before it are zero"


def test_differential_reads_against_the_neighbour():
    chip = Mcp3008()
    chip.set_voltage(2, 2.0)
    chip.set_voltage(3, 0.5)
    assert chip.code(2, single_ended=False) == int(1.5 / 3.3 * 1024)
    assert chip.code(3, single_ended=False) == 0


@settings(deadline=None)
@given(
    st.sampled_from([26, 34]).flatmap(
        lambda bits: st.tuples(st.just(bits), st.integers(0, 2 ** (8 if bits == 26 else 16) - 1), st.integers(0, 65535))
    )
)
def test_a_frame_has_even_then_odd_parity_and_its_card(case):
    bits, site, number = case
    sent = frame(Card(site, number), bits)
    assert len(sent) == bits
    assert sum(sent[: bits // 2]) % 2 == 0
    assert sum(sent[bits // 2 :]) % 2 == 1
    assert int("".join(map(str, sent[1:-1])), 2) == site << 16 | number


def test_a_card_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit Wiegand 26"):
        frame(Card(256, 1))


@settings(deadline=None)
@given(
    gaps=st.lists(st.integers(1, 300), min_size=1, max_size=40),
    steady=st.integers(1, 200),
)
def test_the_glitch_filter_lets_through_exactly_what_held(gaps, steady):
    filtered = GlitchFilter(steady, level=False)
    times = list(itertools.accumulate(gaps))
    edges = [Edge(tick, index % 2 == 0) for index, tick in enumerate(times)]
    out = [edge for seen in edges for edge in filtered.edge(seen)]
    out += filtered.settle(times[-1] + steady)
    ends = [*times[1:], times[-1] + steady]
    expected, reported = [], False
    for edge, end in zip(edges, ends, strict=True):
        if end - edge.tick >= steady and edge.level != reported:
            reported = edge.level
            expected.append(Edge(edge.tick + steady, reported))
    assert out == expected


def test_the_noise_filter_opens_after_quiet_and_closes_again():
    noise = NoiseFilter(1000, 500, tick=0)
    told = [bool(noise.edge(Edge(tick, tick % 2 == 0))) for tick in (100, 900, 2000, 2300, 2600, 3000, 4001)]
    assert told == [False, False, True, True, False, False, True]


def test_ticks_never_run_backwards_even_around_a_burst():
    clock = [10_000_000]
    board = VirtualBoard(tick=lambda: clock[0])
    ticks = []
    board.watch(lambda tick, _levels, _changed: ticks.append(tick))
    board.drive_high(4)
    board.drive_high(5)
    board.drive_high(6)
    clock[0] += 1000
    board.pulse_wiegand(5, 6, frame(Card(1, 1)))
    clock[0] += 10
    board.drive_low(4)
    assert ticks == sorted(ticks)
    assert len(ticks) == 52 + 1


def test_an_estates_ticks_are_simulated_time_and_filters_settle_with_them():
    ticks = SimulatedTicks()
    board, told = VirtualBoard(tick=ticks), []
    board.watch(lambda tick, _levels, _changed: told.append(tick))
    board.drive_high(20)
    ticks.now += 500_000
    board.let_go(20)
    assert told == [0, 500_000], "half a simulated second, however fast it was played"
    board.set_filter(21, GlitchFilter(5_000, board.level(21)))
    board.drive_high(21)
    board.settle()
    assert len(told) == 2
    ticks.now += 50_000
    board.settle()
    assert told[2:] == [505_000]
