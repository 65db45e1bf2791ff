"""An engine that shows readings says what it holds of them, and takes them again when it has lost everything."""

from __future__ import annotations

import pytest

from cloud.application.timeseries import DAY, SECOND

T0 = 20_000 * DAY
GIVEN = [
    ("estate-1", ("a", T0, 1.5, 0)),
    ("estate-1", ("a", T0 + SECOND, 3, 1)),
    ("estate-1", ("door", T0 + 2 * SECOND, True, 0)),
    ("estate-2", ("a", T0 + 3 * SECOND, "stopped, 停", 63)),
    ("estate-1", ("a", T0 + 4 * SECOND + 1, -1.0, 0)),
]
MARKS = {
    ("estate-1", "a", T0, float),
    ("estate-1", "a", T0 + SECOND, float),
    ("estate-1", "door", T0 + 2 * SECOND, bool),
    ("estate-2", "a", T0 + 3 * SECOND, str),
    ("estate-1", "a", T0 + 4 * SECOND + 1, float),
}


pytestmark = pytest.mark.parametrize(
    "engine", ["fake", pytest.param("influxdb", marks=pytest.mark.influxdb)], indirect=True
)


@pytest.fixture
def projection(engine):
    return engine.projection


def test_it_says_what_it_holds(projection):
    projection.write(GIVEN)
    assert projection.held(T0, T0 + DAY) == MARKS
    assert projection.count(T0, T0 + DAY) == len(MARKS)


def test_the_span_is_half_open(projection):
    projection.write(GIVEN)
    assert projection.count(T0 + SECOND, T0 + 4 * SECOND + 1) == 3
    assert {mark[2] for mark in projection.held(T0 + SECOND, T0 + 2 * SECOND)} == {T0 + SECOND}
    assert projection.count(T0 + DAY, T0 + 2 * DAY) == 0


def test_what_is_written_again_is_held_once(projection):
    for _ in range(2):
        projection.write(GIVEN)
    assert projection.count(T0, T0 + DAY) == len(MARKS)


def test_it_holds_nothing_once_it_lost_everything_and_takes_it_again(engine, projection):
    projection.write(GIVEN[:1])
    engine.lose()
    assert (projection.count(T0, T0 + DAY), projection.held(T0, T0 + DAY)) == (0, set())
    projection.write(GIVEN)
    assert projection.held(T0, T0 + DAY) == MARKS


def test_it_forgets_what_is_past_of_every_estate(projection):
    projection.write([*GIVEN, ("estate-2", ("b", T0, 1.0, 0))])
    projection.forget(T0 + 3 * SECOND)
    assert projection.held(T0 - DAY, T0 + DAY) == {mark for mark in MARKS if mark[2] >= T0 + 3 * SECOND}
