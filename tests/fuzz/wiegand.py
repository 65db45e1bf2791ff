"""Pulses of a card reader: each byte is one, on either line after up to 63 ms; frames come out, and cards of them."""

from __future__ import annotations

from edge.domain.wiegand import Card, FrameAssembler, FrameError, decode
from firmware_sim.wiegand import Card as Shown
from firmware_sim.wiegand import frame
from tests.fuzz.target import Target, said

FORMATS = (26, 34)


def one(data: bytes) -> bool:
    """The first byte chooses the format. Gives whether a card was read."""
    if not data:
        return False
    bits = FORMATS[data[0] % len(FORMATS)]
    frames, at, read = FrameAssembler(bits), 0.0, False
    for byte in data[1:]:
        at += (byte >> 1 & 0x3F) / 1000
        read |= _card(frames, at, bits)
        # The top bit: told by the other thread a little late, so that edges arrive out of order.
        frames.pulse(byte & 1, at - (0.0004 if byte & 0x80 else 0.0), at)
    return read | _card(frames, at + 1.0, bits)


def _card(frames: FrameAssembler, mono: float, bits: int) -> bool:
    found = frames.tick(mono)
    if found is None:
        return False
    try:
        card = decode(found, bits)
    except FrameError as error:
        said(error)
        return False
    assert isinstance(card, Card)
    assert 0 <= card.number <= 0xFFFF
    assert 0 <= card.site <= 0xFFFF
    assert tuple(found) == tuple(frame(Shown(card.site, card.number), bits)), "what was read is what that card sends"
    return True


TARGET = Target(
    [bytes((index, *(2 << 1 | bit for bit in frame(Shown(7, 4711), bits)))) for index, bits in enumerate(FORMATS)],
    one,
    longest=400,
)
