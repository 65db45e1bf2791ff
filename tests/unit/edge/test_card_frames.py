"""Wiegand frames and the hashes that stand for cards."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.credentials import credential_of
from edge.domain.wiegand import Card, FrameAssembler, FrameError, decode
from firmware_sim.wiegand import Card as Shown
from firmware_sim.wiegand import frame

SITES = {26: st.integers(0, 255), 34: st.integers(0, 65535)}
CARDS = st.sampled_from([26, 34]).flatmap(
    lambda bits: st.tuples(st.just(bits), SITES[bits], st.integers(0, 65535)),
)


@given(CARDS)
def test_what_a_reader_sends_is_read(given_card):
    bits, site, number = given_card
    assert decode(frame(Shown(site, number), bits), bits) == Card(site, number)


@given(CARDS, st.integers(0, 33))
def test_any_single_bit_that_is_wrong_is_noticed(given_card, position):
    bits, site, number = given_card
    sent = list(frame(Shown(site, number), bits))
    sent[position % bits] ^= 1
    with pytest.raises(FrameError, match="parity"):
        decode(sent, bits)


@pytest.mark.parametrize("length", [0, 25, 27, 34])
def test_a_frame_of_another_length_is_named(length):
    with pytest.raises(FrameError, match=f"{length} bits arrived where the reader is configured for 26"):
        decode([1] * length, 26)


def pulses(frames: FrameAssembler, bits, at: float, mono: float, gap: float = 0.002) -> tuple[float, float]:
    for bit in bits:
        frames.pulse(bit, at, mono)
        at, mono = at + gap, mono + gap
    return at, mono


def test_a_frame_ends_with_silence():
    sent = frame(Shown(1, 2))
    frames = FrameAssembler(26)
    _, mono = pulses(frames, sent, 0.0, 100.0)
    assert frames.tick(mono + 0.02) is None
    assert frames.tick(mono + 0.03) == sent
    assert frames.due is None


def test_a_longer_format_is_not_taken_for_a_shorter_card():
    frames = FrameAssembler(26)
    _, mono = pulses(frames, frame(Shown(1, 2), 34), 0.0, 100.0)
    assert len(frames.tick(mono + 0.05) or ()) == 34


def test_half_a_frame_is_forgotten_when_the_next_begins():
    sent = frame(Shown(7, 9))
    frames = FrameAssembler(26)
    at, mono = pulses(frames, sent[:13], 0.0, 100.0)
    assert frames.due is None
    _, mono = pulses(frames, sent, at + 1.0, mono + 1.0)
    assert frames.tick(mono + 0.05) == sent


def test_edges_told_out_of_order_are_put_in_theirs():
    sent = frame(Shown(12, 34567))
    frames = FrameAssembler(26)
    told = [(index * 0.002, bit) for index, bit in enumerate(sent)]
    for at, bit in itertools.chain(*(reversed(pair) for pair in zip(told[::2], told[1::2], strict=True))):
        frames.pulse(bit, at, 100.0)
    assert frames.tick(101.0) == sent


def test_a_credential_needs_its_key_and_hides_its_card():
    card = Card(12, 34567)
    assert credential_of(card, b"a" * 32) == credential_of(card, b"a" * 32)
    assert credential_of(card, b"a" * 32) != credential_of(card, b"b" * 32)
    assert len(credential_of(card, b"a" * 32)) == 32


def test_mains_hum_on_a_loose_wire_fills_no_memory():
    frames = FrameAssembler(26)
    at, mono = pulses(frames, [0] * 100_000, 0.0, 100.0, gap=0.02)
    assert len(frames.tick(mono + 0.05) or ()) == 128, "no card of ours, and bounded"
    sent = frame(Shown(7, 9))
    _, mono = pulses(frames, sent, at + 1.0, mono + 1.0)
    assert frames.tick(mono + 0.05) == sent
