"""Wiegand frames as card readers send them: even parity, site, card, odd parity."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

PULSE_MICROSECONDS: Final = 50
GAP_MICROSECONDS: Final = 2_000
"""A reader pulls a line low for 20 to 100 µs and leaves 200 µs to 20 ms between pulses; these lie in the middle."""

_SITE_BITS: Final = {26: 8, 34: 16}
_CARD_BITS: Final = 16

Format = Literal[26, 34]


class Card(NamedTuple):
    """What a reader reads: a site (facility) code and a card number."""

    site: int
    number: int


def frame(card: Card, bits: Format = 26) -> tuple[int, ...]:
    """The bits of one frame, first sent first.

    The leading bit makes the first half even, the trailing bit makes the second half odd.
    """
    site_bits = _SITE_BITS[bits]
    if not 0 <= card.site < 1 << site_bits or not 0 <= card.number < 1 << _CARD_BITS:
        raise ValueError(f"{card} does not fit Wiegand {bits}: {site_bits} bit site, {_CARD_BITS} bit number")
    width = site_bits + _CARD_BITS
    payload = card.site << _CARD_BITS | card.number
    data = [(payload >> position) & 1 for position in range(width - 1, -1, -1)]
    half = width // 2
    return (sum(data[:half]) & 1, *data, 1 - (sum(data[half:]) & 1))
