"""Card readers' Wiegand frames: pulses on two lines become bits, bits become a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP_S = 0.025
"""Readers pulse at most 20 ms apart; a longer gap is the end of a frame."""
SILENCE_S = 0.030
"""A complete frame is taken once this long has passed without another pulse."""
_LONGEST = 128
"""Pulses kept of what never ends, such as mains hum on a loose wire: longer than any format, so it is no card."""
_SITE_BITS = {26: 8, 34: 16}


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card: site code and number."""

    site: int
    number: int


class FrameError(ValueError):
    """A frame of a wrong length, or one whose parity does not hold."""


def decode(frame: Sequence[int], bits: int) -> Card:
    """Read a frame: even parity over the first half, site, number, odd parity over the second half.

    Raises FrameError.
    """
    if len(frame) != bits:
        raise FrameError(f"{len(frame)} bits arrived where the reader is configured for {bits}")
    half = bits // 2
    if sum(frame[:half]) % 2 != 0 or sum(frame[half:]) % 2 != 1:
        raise FrameError("parity does not hold: a bit was lost or added on the way")
    payload = int("".join(str(bit) for bit in frame[1:-1]), 2)
    return Card(site=payload >> 16 & (1 << _SITE_BITS[bits]) - 1, number=payload & 0xFFFF)


class FrameAssembler:
    """Collects pulses into frames.

    A pulse's `at` is the time of its edge as the pin factory measured it, in seconds on any one clock; `mono` is ours.
    A frame is handed out after a silence, so that the first bits of a longer format are never taken for a card.
    An incomplete frame is dropped when the next one begins.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._pulses: list[tuple[float, int]] = []
        self.due: float | None = None

    def pulse(self, bit: int, at: float, mono: float) -> None:
        if self._pulses and at - self._pulses[-1][0] > GAP_S:
            self._pulses.clear()
        if len(self._pulses) >= _LONGEST:
            self._pulses.pop()
        self._pulses.append((at, bit))
        self.due = mono + SILENCE_S if len(self._pulses) >= self._bits else None

    def tick(self, mono: float) -> tuple[int, ...] | None:
        """The bits of a frame that ended, in the order of their edges, or None."""
        if self.due is None or mono < self.due:
            return None
        # The two lines may be reported by two threads: the edges' own times put them in order.
        frame = tuple(bit for _, bit in sorted(self._pulses, key=lambda pulse: pulse[0]))
        self._pulses.clear()
        self.due = None
        return frame
