"""Whatever goes into a column comes out of it."""

from __future__ import annotations

import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.timeseries.embedded.chunks import packed, unpacked
from cloud.adapters.timeseries.embedded.packing import Unpacker, packed_floats, packed_ints
from cloud.adapters.timeseries.journal.segments import Columns, rows_of

int64 = st.integers(-(2**63), 2**63 - 1)
decimals = st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 8)).map(lambda d: d[0] / 10 ** d[1])


@given(st.lists(int64, min_size=1) | st.lists(st.integers(-300, 300), min_size=1))
def test_integers(values):
    assert Unpacker(packed_ints(values)).ints(len(values)) == values


@given(st.lists(st.floats(), min_size=1) | st.lists(decimals, min_size=1))
def test_floats_to_the_last_bit(values):
    found = Unpacker(packed_floats(values)).floats(len(values))
    # Zero has one sign here: nothing measured differs in it.
    assert [_bits(v + 0.0) for v in found] == [_bits(v + 0.0) for v in values]


def test_decimals_take_their_digits_only():
    steady = [round(20 + math.sin(n / 50), 2) for n in range(4000)]
    assert len(packed_floats(steady)) < 1.1 * len(steady)


def test_columns_one_after_the_other():
    taken = Unpacker(packed_ints([5, 6, 7]) + packed_floats([0.5]) + b"end")
    assert (taken.ints(3), taken.floats(1), taken.raw(3)) == ([5, 6, 7], [0.5], b"end")


@given(st.lists(st.tuples(int64, st.sampled_from([(0, 1.5), (1, 1.0), (2, 0.0), (2, 1.0), (4, -3.0)])), min_size=1))
def test_chunks(rows):
    columns = Columns(
        [time for time, _ in rows], [v for _, (_, v) in rows], bytes([f for _, (f, _) in rows]), ["甲", ""]
    )
    assert list(unpacked(packed(columns)).samples("p")) == list(columns.samples("p"))


@given(st.lists(st.integers(0, 2**32 - 1) | st.sampled_from([0, 1, 256, 65_536]), max_size=50), st.integers(0, 300))
def test_rows_are_found_where_they_stand(series, wanted):
    column = struct.pack(f"<{len(series)}I", *series)
    assert rows_of(wanted, column) == [row for row, number in enumerate(series) if number == wanted]


def _bits(value):
    return struct.pack("<d", value)
