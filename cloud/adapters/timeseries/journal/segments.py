"""One commit's readings as columns: how they are written, and how one series is found among them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Self

from cloud.application.timeseries import Sample, Value

NUMBER: Final = 0
TRUTH: Final = 1
TEXT: Final = 2
_KIND: Final[dict[type, int]] = {float: NUMBER, int: NUMBER, bool: TRUTH, str: TEXT}
KIND: Final = 0b11
KIND_BITS: Final = 2
"""A flag byte is quality << 2 | kind."""

_NUMBERS: Final = {float, int}


class Columns(NamedTuple):
    """Readings of some series: equally long columns; a text's value is its index in `texts`."""

    times: Sequence[int]
    values: Sequence[float]
    flags: bytes
    texts: Sequence[str]

    def samples(self, point: str) -> Iterator[Sample]:
        for time, value, flag in zip(self.times, self.values, self.flags, strict=True):
            yield Sample(point, time, decoded(value, flag, self.texts), flag >> KIND_BITS)

    def taken(self, rows: Iterable[int]) -> Self:
        """These rows only, in this order; arrays, as a list of a million integers takes 36 MB."""
        times, values, flags, texts = self
        rows = list(rows)
        chosen = array("q", map(times.__getitem__, rows)), array("d", map(values.__getitem__, rows))
        return type(self)(*chosen, bytes(map(flags.__getitem__, rows)), texts)

    def cut(self, start: int, end: int) -> Self:
        """Rows from `start` to before `end`."""
        times, values, flags, texts = self
        return type(self)(times[start:end], values[start:end], flags[start:end], texts)


def decoded(value: float, flag: int, texts: Sequence[str]) -> Value:
    kind = flag & KIND
    if kind == NUMBER:
        return value
    return bool(value) if kind == TRUTH else texts[int(value)]


class Draft:
    """The segment of the commit that is being made."""

    def __init__(self) -> None:
        self._series = array("I")
        self._times = array("q")
        self._values = array("d")
        self._flags = bytearray()
        self._texts: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._series)

    def extend(self, series: array[int], times: Sequence[int], values: Sequence[Value], quality: Sequence[int]) -> None:
        """Raises TypeError, ValueError or OverflowError for what no column can hold; the draft is then of no more use."""
        kinds = set(map(type, values))
        if kinds <= _NUMBERS and not any(quality):
            flags = bytes(len(values))
        else:
            flags = bytes([q << KIND_BITS | _KIND[type(v)] for q, v in zip(quality, values, strict=True)])
        if str in kinds:
            values = [self._texts.setdefault(v, len(self._texts)) if isinstance(v, str) else v for v in values]
        self._series += series
        self._times.extend(times)
        self._values.extend(values)  # type: ignore[arg-type]  # texts have become their index above
        self._flags += flags

    def row(self) -> tuple[int, int, int, bytes, bytes, bytes, bytes, str]:
        """Count, oldest, newest and the columns as the table has them."""
        oldest, newest = (min(self._times), max(self._times)) if self._times else (0, 0)
        texts = json.dumps(list(self._texts), ensure_ascii=False)
        columns = self._series.tobytes(), self._times.tobytes(), self._values.tobytes(), bytes(self._flags)
        return (len(self), oldest, newest, *columns, texts)


def rows_of(series: int, column: bytes) -> list[int]:
    """Where a series stands in a segment's column of series. A search for its four bytes beats a loop a hundredfold."""
    wanted = array("I", [series]).tobytes()
    found = []
    at = column.find(wanted)
    while at >= 0:
        if at % 4 == 0:
            found.append(at // 4)
        at = column.find(wanted, at + 1)
    return found


def columns_of(times: bytes, values: bytes, flags: bytes, texts: str) -> Columns:
    return Columns(array("q", times), array("d", values), flags, json.loads(texts))
