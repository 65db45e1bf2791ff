"""What a chart needs to know of each minute of a chunk, so that a month is drawn without reading its readings."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from cloud.adapters.timeseries.embedded.packing import Unpacker, packed_floats, packed_ints
from cloud.adapters.timeseries.journal.segments import KIND, TEXT, Columns
from cloud.application.timeseries import MINUTE

_DENSE: Final = 4
"""Readings a minute from which a rollup is smaller than what it sums up; sparser chunks are drawn from their readings."""


_FEW: Final = 256
"""Fewer readings are as quickly added up as their rollup is; of many series most chunks begin this small."""


class Rollup(NamedTuple):
    """By minute, all columns equally long; `times` are those of the minute's last reading, `flag` of all."""

    times: Sequence[int]
    counts: Sequence[int]
    mins: Sequence[float]
    maxs: Sequence[float]
    sums: Sequence[float]
    lasts: Sequence[float]
    flag: int


def rollup_of(columns: Columns) -> bytes:
    """Empty when the chunk is sparse, holds text or mixes kinds; `columns` by time."""
    times, values, flags, _ = columns
    minutes = (times[-1] // MINUTE) - (times[0] // MINUTE) + 1
    if len(times) < max(_FEW, _DENSE * minutes) or len({flag & KIND for flag in flags}) > 1 or flags[0] & KIND == TEXT:
        return b""
    cuts = [0]
    while cuts[-1] < len(times):
        cuts.append(bisect_left(times, times[cuts[-1]] // MINUTE * MINUTE + MINUTE, cuts[-1]))
    parts = [values[start:end] for start, end in pairwise(cuts)]
    body = [
        bytes([flags[0] & KIND]),
        packed_ints([len(parts)]),
        packed_ints([times[end - 1] for end in cuts[1:]]),
        packed_ints([len(part) for part in parts]),
        *(packed_floats([figure(part) for part in parts]) for figure in (min, max, sum)),
        packed_floats([part[-1] for part in parts]),
    ]
    return zlib.compress(b"".join(body))


def unrolled(data: bytes) -> Rollup:
    taken = Unpacker(zlib.decompress(data))
    (flag,) = taken.raw(1)
    (count,) = taken.ints(1)
    times, counts = taken.ints(count), taken.ints(count)
    mins, maxs, sums, lasts = (taken.floats(count) for _ in range(4))
    return Rollup(times, counts, mins, maxs, sums, lasts, flag)
