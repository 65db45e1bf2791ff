"""Ranges of seqs are a set of integers, however they come in."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.timeseries.journal.ranges import SeqRanges


@given(st.lists(st.integers(1, 40), unique=True))
def test_it_is_a_set_in_few_ranges(seqs):
    ranges = SeqRanges()
    written: dict[int, int] = {}
    for seq in seqs:
        assert seq not in ranges
        ranges.add(seq)
        for first in ranges.changed:
            last = ranges.last_of(first)
            if last is None:
                written.pop(first, None)
            else:
                written[first] = last
        ranges.changed.clear()
    kept = list(ranges)
    assert [seq for first, last in kept for seq in range(first, last + 1)] == sorted(seqs)
    assert all(one.last + 1 < two.first for one, two in pairwise(kept))
    assert written == dict(kept), "what is written down after each step is what there is"
    assert list(SeqRanges(written.items())) == kept
