"""What a chart needs to know of each minute of a chunk, so that a month is drawn without reading its readings."""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

from cloud.adapters.timeseries.embedded.packing import joined_planes, planes
from cloud.adapters.timeseries.journal.segments import KIND, TEXT, Columns
from cloud.application.timeseries import MINUTE

_DENSE: Final = 4
"""Readings a minute from which a rollup is smaller than what it sums up; sparser chunks are drawn from their readings."""


_FEW: Final = 256
"""Fewer readings are as quickly added up as their rollup is; of many series most chunks begin this small."""
_COLUMNS: Final = 6


class Rollup(NamedTuple):
    """By minute, all columns equally long; `times` are those of the minute's last reading, `flag` of all."""

    times: Sequence[int]
    counts: Sequence[float]
    mins: Sequence[float]
    maxs: Sequence[float]
    sums: Sequence[float]
    lasts: Sequence[float]
    flag: int


def rollup_of(columns: Columns) -> bytes:
    """Empty when the chunk is sparse, holds text or mixes kinds; `columns` by time."""
    times = columns.times
    minutes = (times[-1] // MINUTE) - (times[0] // MINUTE) + 1
    return b"" if len(times) < max(_FEW, _DENSE * minutes) else minutes_of(columns)


def minutes_of(columns: Columns) -> bytes:
    """However sparse, as it is all that stays of readings that expire; empty when it holds text or mixes kinds."""
    times, values, flags, _ = columns
    if len({flag & KIND for flag in flags}) > 1 or flags[0] & KIND == TEXT:
        return b""
    cuts = [0]
    while cuts[-1] < len(times):
        cuts.append(bisect_left(times, times[cuts[-1]] // MINUTE * MINUTE + MINUTE, cuts[-1]))
    parts = [values[start:end] for start, end in pairwise(cuts)]
    figures = array("d")
    for figure in (len, min, max, sum, itemgetter(-1)):
        figures.extend(map(figure, parts))
    # All eight bytes wide and unpacked at one go: a month is hundreds of these, and packing them tighter doubles its time.
    raw = array("q", [times[end - 1] for end in cuts[1:]]).tobytes() + figures.tobytes()
    return zlib.compress(bytes([flags[0] & KIND]) + planes(raw, 8))


def unrolled(data: bytes) -> Rollup:
    body = zlib.decompress(data)
    raw = joined_planes(body[1:], 8)
    size = len(raw) // _COLUMNS
    times = array("q", raw[:size])
    counts, mins, maxs, sums, lasts = (array("d", raw[at : at + size]) for at in range(size, len(raw), size))
    return Rollup(times, counts, mins, maxs, sums, lasts, body[0])
