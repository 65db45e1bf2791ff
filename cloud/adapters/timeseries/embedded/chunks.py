"""Some thousand readings of one series and day as one compressed blob."""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from operator import le
from typing import Final, NamedTuple

from cloud.adapters.timeseries.embedded.packing import Unpacker, packed_floats, packed_ints
from cloud.adapters.timeseries.embedded.rollup import rollup_of
from cloud.adapters.timeseries.journal.segments import KIND, TEXT, Columns
from cloud.application.timeseries import DAY

FULL: Final = 4096
"""Readings of a chunk that is not added to any more; measured: larger ones save 1 % and cost the single reading."""

_HEAD: Final = struct.Struct("<II")
_LEVEL: Final = 6


class Chunk(NamedTuple):
    """A row of the table, without its id."""

    series: int
    day: int
    readings: int
    start: int
    final: int
    rollup: bytes
    data: bytes


def by_time(columns: Columns) -> Columns:
    """Sorted by time; what arrived later stays later among equal times."""
    times = columns.times
    if all(map(le, times, times[1:])):
        return columns
    return columns.taken(sorted(range(len(times)), key=times.__getitem__))


def joined(parts: Iterable[Columns]) -> Columns:
    """One after the other, in the order given; takes one at a time."""
    times, values = array("q"), array("d")
    flags = bytearray()
    texts: list[str] = []
    for part in parts:
        times.extend(part.times)
        values.extend(_shifted(part, len(texts)))
        flags += part.flags
        texts.extend(part.texts)
    return Columns(times, values, bytes(flags), texts)


def _shifted(part: Columns, by: int) -> Sequence[float]:
    """Values of a part whose texts are to follow `by` others."""
    if not part.texts:
        return part.values
    return [value + by if flag & KIND == TEXT else value for value, flag in zip(part.values, part.flags, strict=True)]


def days(columns: Columns) -> Iterator[tuple[int, Columns]]:
    """Cut at midnight UTC; `columns` by time."""
    times = columns.times
    at = 0
    while at < len(times):
        day = times[at] // DAY
        end = bisect_left(times, (day + 1) * DAY, at)
        yield day, columns.cut(at, end)
        at = end


def chunks_of(series: int, day: int, columns: Columns) -> list[Chunk]:
    """All of a day's columns, by time, in pieces of at most FULL."""
    pieces = []
    for at in range(0, len(columns.times), FULL):
        part = columns.cut(at, at + FULL)
        first, last = part.times[0], part.times[-1]
        pieces.append(Chunk(series, day, len(part.times), first, last, rollup_of(part), packed(part)))
    return pieces


def packed(columns: Columns) -> bytes:
    times, values, flags, texts = columns
    if any(flag & KIND == TEXT for flag in set(flags)):
        used = {int(v): None for v, f in zip(values, flags, strict=True) if f & KIND == TEXT}
        place: dict[str, int] = {}
        index = {old: place.setdefault(texts[old], len(place)) for old in used}
        values = [index[int(v)] if f & KIND == TEXT else v for v, f in zip(values, flags, strict=True)]
        lexicon = json.dumps(list(place), ensure_ascii=False).encode()
    else:
        lexicon = b""
    kinds = flags[:1] if len(set(flags)) == 1 else flags
    head = _HEAD.pack(len(times), len(lexicon)) + bytes([len(kinds) == 1])
    return zlib.compress(b"".join([head, kinds, lexicon, packed_ints(times), packed_floats(values)]), _LEVEL)


def unpacked(data: bytes) -> Columns:
    taken = Unpacker(zlib.decompress(data))
    count, lexicon = _HEAD.unpack(taken.raw(_HEAD.size))
    alike = taken.raw(1) == b"\x01"
    flags = taken.raw(1) * count if alike else taken.raw(count)
    texts = json.loads(taken.raw(lexicon)) if lexicon else []
    times = taken.ints(count)
    return Columns(times, taken.floats(count), flags, texts)
