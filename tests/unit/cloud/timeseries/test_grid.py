"""A chart's steps cover what was asked for, are at most as many, and are whole minutes when they are long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.application.timeseries import DAY, MINUTE, Grid, from_micros, to_micros


@given(st.integers(0, 10**16), st.integers(1, 400 * DAY), st.integers(1, 2000))
def test_a_grid_covers_the_range(start, span, n):
    grid = Grid.over(start, start + span, n)
    assert grid.count <= n
    assert start - MINUTE < grid.start <= start
    assert start + span <= grid.end < start + span + grid.width
    if grid.width >= 5 * MINUTE:
        assert grid.start % MINUTE == grid.width % MINUTE == 0
    else:
        assert grid.start == start


def test_a_month_in_a_thousand_steps():
    grid = Grid.over(0, 30 * DAY, 1000)
    assert (grid.width, grid.count) == (44 * MINUTE, 982)


@pytest.mark.parametrize(("start", "end", "n"), [(5, 5, 1), (5, 4, 1), (0, 1, 0)])
def test_no_chart_of_nothing(start, end, n):
    with pytest.raises(ValueError, match="needs end after start"):
        Grid.over(start, end, n)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2300, 1, 1)))  # noqa: DTZ001 - made aware below
def test_micros_are_exact(moment):
    aware = moment.replace(tzinfo=UTC)
    assert from_micros(to_micros(aware)) == aware
