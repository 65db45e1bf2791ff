"""Numbers into few bytes and exactly back: what is regular in a column is taken out before zlib sees it."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from itertools import accumulate, repeat
from operator import eq, mul, sub, truediv
from typing import Final

_INTS: Final = struct.Struct("<BBqq")
_PLAIN: Final = 0
_DELTA: Final = 1
_CODES: Final = {0: "", 1: "B", 2: "H", 4: "I", 8: "Q"}

_DIGITS: Final = range(7)
_BINARY: Final = 255
_EXACT: Final = 2**53
_PROBE: Final = 16


class Unpacker:
    """Takes columns from bytes in the order in which they were packed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def raw(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def ints(self, count: int) -> list[int]:
        mode, width, first, base = _INTS.unpack(self.raw(_INTS.size))
        rests = self._rests(width, count - mode)
        if mode == _PLAIN:
            return [base + rest for rest in rests]
        return list(accumulate((base + rest for rest in rests), initial=first))

    def floats(self, count: int) -> list[float]:
        (digits,) = self.raw(1)
        if digits == _BINARY:
            return array("d", joined_planes(self.raw(8 * count), 8)).tolist()
        return list(map(truediv, self.ints(count), repeat(10.0**digits)))

    def _rests(self, width: int, count: int) -> Sequence[int]:
        if width == 0:
            return [0] * count
        return array(_CODES[width], joined_planes(self.raw(width * count), width))


def packed_ints(values: Sequence[int]) -> bytes:
    """Signed 64-bit integers, at least one: their distance from the least, or their steps from one to the next."""
    low, high = min(values), max(values)
    deltas = list(map(sub, values[1:], values))
    # A step over half the range of 64 bits would not fit its own column.
    if deltas and max(deltas) - min(deltas) < high - low < 1 << 63:
        mode, first, base, rests = _DELTA, values[0], min(deltas), deltas
    else:
        mode, first, base, rests = _PLAIN, 0, low, list(values)
    width = _width(max(rests) - base)
    head = _INTS.pack(mode, width, first, base)
    if width == 0:
        return head
    return head + planes(array(_CODES[width], [rest - base for rest in rests]).tobytes(), width)


def packed_floats(values: Sequence[float]) -> bytes:
    """Doubles, at least one: as integers where all are decimals of up to six places, as sensors give them, else as is."""
    for digits in _DIGITS:
        scaled = _scaled(values[:_PROBE], digits) and _scaled(values, digits)
        if scaled:
            return bytes([digits]) + packed_ints(scaled)
    return bytes([_BINARY]) + planes(array("d", values).tobytes(), 8)


def _scaled(values: Sequence[float], digits: int) -> list[int] | None:
    """Integers that give exactly these values when divided by 10**digits, if there are such."""
    scale = 10.0**digits
    try:
        scaled = list(map(round, map(mul, values, repeat(scale))))
    except (ValueError, OverflowError):  # not a number, or without end: no decimal
        return None
    if max(scaled) >= _EXACT or min(scaled) <= -_EXACT:
        return None
    return scaled if all(map(eq, map(truediv, scaled, repeat(scale)), values)) else None


def _width(span: int) -> int:
    return next(width for width in _CODES if span < 1 << 8 * width)


def planes(raw: bytes, width: int) -> bytes:
    """First bytes of all, then second bytes of all ..: high bytes hardly differ and shrink to nothing."""
    return raw if width == 1 else b"".join([raw[at::width] for at in range(width)])


def joined_planes(split: bytes, width: int) -> bytes:
    """What `planes` was made of."""
    if width == 1:
        return split
    count = len(split) // width
    raw = bytearray(len(split))
    for at in range(width):
        raw[at::width] = split[at * count : (at + 1) * count]
    return bytes(raw)
