"""Reading back: every kind of value, by time, exactly once, and drawn in steps."""

from __future__ import annotations

import math

import pytest

from cloud.application.timeseries import DAY, HOUR, MINUTE, SECOND, Grid, Origin, Sample, StoredBatch

T0 = 20_000 * DAY
P = "b3/lift-7/speed"


def store(engine, *samples):
    """One batch a call, in order."""
    seq = len(engine.store.stored_ranges(Origin("estate-1", "n", "box")))
    last = engine.store.stored_ranges(Origin("estate-1", "n", "box"))[-1].last if seq else 0
    engine.store.record([StoredBatch(Origin("estate-1", "n", "box"), last + 1, b"12345678", samples)], T0)
    engine.arrive()


@pytest.mark.parametrize(
    "value",
    [
        0.0,
        1.52,
        -273.15,
        1e-9,
        math.pi,
        1.7976931348623157e308,
        -5e-324,
        2.0**53,
        True,
        False,
        "",
        "stopped",
        '电梯 "7" \\ a,b=c d\tend',
    ],
)
def test_a_value_comes_back_as_it_was(engine, value):
    store(engine, (P, T0, value, 0))
    (sample,) = engine.reader.read("estate-1", P, T0, T0 + 1)
    assert sample == Sample(P, T0, value, 0)
    assert type(sample.value) is type(value)
    assert engine.reader.latest("estate-1", [P]) == {P: sample}


def test_an_integer_comes_back_as_a_number(engine):
    store(engine, (P, T0, 12, 0))
    (sample,) = engine.reader.read("estate-1", P, T0, T0 + 1)
    assert sample.value == 12.0
    assert type(sample.value) is float


def test_quality_is_kept(engine):
    store(engine, (P, T0, 1.0, 1), (P, T0 + 1, "text", 0), (P, T0 + 2, True, 63))
    assert [s.quality for s in engine.reader.read("estate-1", P, T0, T0 + 3)] == [1, 0, 63]


def test_kinds_may_change_within_a_series(engine):
    values = [1.0, "a", True, "b", "a", 0.5, False]
    store(engine, *((P, T0 + at, value, 0) for at, value in enumerate(values)))
    found = [s.value for s in engine.reader.read("estate-1", P, T0, T0 + 100)]
    assert found == values
    assert list(map(type, found)) == list(map(type, values))


def test_microseconds_are_kept(engine):
    times = [T0, T0 + 1, T0 + 999_999, T0 + DAY + 123_456]
    store(engine, *((P, time, float(at), 0) for at, time in enumerate(times)))
    assert [s.time for s in engine.reader.read("estate-1", P, T0, T0 + 2 * DAY)] == times


def test_readings_come_by_time_however_they_arrived(engine):
    for at in (5, 3, 9, 1, 7):
        store(engine, (P, T0 + at * HOUR * 7, float(at), 0))
    assert [s.value for s in engine.reader.read("estate-1", P, T0, T0 + 7 * DAY)] == [1, 3, 5, 7, 9]


def test_the_range_is_half_open_and_limited(engine):
    store(engine, *((P, T0 + at * SECOND, float(at), 0) for at in range(10)))
    read = engine.reader.read
    assert [s.value for s in read("estate-1", P, T0 + 2 * SECOND, T0 + 5 * SECOND)] == [2, 3, 4]
    assert [s.value for s in read("estate-1", P, T0, T0 + DAY, limit=3)] == [0, 1, 2]
    assert read("estate-1", P, T0 + 5, T0 + 5) == []
    assert read("estate-1", "b3/unknown", T0, T0 + DAY) == []
    assert read("estate-9", P, T0, T0 + DAY) == []


def test_times_before_1970_are_times(engine):
    if not engine.keeps_equal_times:
        pytest.skip("no promise of this engine")
    store(engine, (P, -5, 1.0, 1))
    assert [s.time for s in engine.reader.read("estate-1", P, -DAY, 1)] == [-5]


def test_latest_never_moves_back(engine):
    store(engine, (P, T0 + HOUR, 1.0, 0))
    store(engine, (P, T0, 2.0, 0), ("b3/lift-7/floor", T0, 4.0, 0))
    latest = engine.reader.latest("estate-1", [P, "b3/lift-7/floor", "b3/unknown"])
    assert latest == {P: Sample(P, T0 + HOUR, 1.0, 0), "b3/lift-7/floor": Sample("b3/lift-7/floor", T0, 4.0, 0)}
    store(engine, (P, T0 + HOUR + 1, 3.0, 0))
    assert engine.reader.latest("estate-1", [P])[P].value == 3.0


def test_points_are_those_ever_read(engine):
    store(engine, ("b", T0, 1.0, 0), ("a", T0, "x", 0), ("c", T0, True, 0))
    assert engine.reader.points("estate-1") == ["a", "b", "c"]
    assert engine.reader.points("estate-2") == []


def test_a_chart_has_a_step_where_there_are_readings(engine):
    store(
        engine, *((P, T0 + at * SECOND, value, 0) for at, value in ((0, 4.0), (1, 2.0), (9, 3.0), (20, 7.0), (40, 1.0)))
    )
    steps = engine.reader.steps("estate-1", P, T0, T0 + 40 * SECOND, 4)
    assert [(s.time - T0, s.min, s.max, s.mean, s.last, s.count) for s in steps] == [
        (0, 2.0, 4.0, 3.0, 3.0, 3),
        (20 * SECOND, 7.0, 7.0, 7.0, 7.0, 1),
    ]


def test_a_day_by_the_second_is_drawn_by_whole_minutes(engine):
    values = [round(20 + 5 * math.sin(second / 3000), 2) for second in range(0, 86_400, 5)]
    for at in range(0, len(values), 900):
        store(engine, *((P, T0 + (at + i) * 5 * SECOND, v, 0) for i, v in enumerate(values[at : at + 900])))
    start, end = T0 + 17 * SECOND, T0 + DAY - 1
    grid = Grid.over(start, end, 200)
    steps = engine.reader.steps("estate-1", P, start, end, 200)
    assert len(steps) == grid.count <= 200
    for step in steps:
        at = (step.time - T0) // (5 * SECOND)
        part = values[at : at + grid.width // (5 * SECOND)]
        assert (step.min, step.max, step.last, step.count) == (min(part), max(part), part[-1], len(part))
        assert step.mean == pytest.approx(sum(part) / len(part), rel=1e-12)


def test_truth_values_are_drawn_as_0_and_1_and_texts_by_their_last(engine):
    store(engine, *(("door-open", T0 + at * SECOND, at % 4 == 1, 0) for at in range(8)))
    (step,) = engine.reader.steps("estate-1", "door-open", T0, T0 + MINUTE, 1)
    assert (step.min, step.max, step.mean, step.last, step.count) == (0.0, 1.0, 0.25, False, 8)
    store(engine, ("state", T0, "idle", 0), ("state", T0 + 1, 3.0, 0), ("state", T0 + 2, "up", 0))
    (step,) = engine.reader.steps("estate-1", "state", T0, T0 + MINUTE, 1)
    assert (step.min, step.max, step.mean, step.last, step.count) == (None, None, None, "up", 3)


def test_expiry_removes_for_good(engine):
    store(engine, *((P, T0 + at * HOUR, float(at), 0) for at in range(50)), ("old", T0, 1.0, 0), ("kept", T0, 1.0, 0))
    engine.expiry.expire("estate-1", T0 + 30 * HOUR + 1, [P, "old"])
    assert [s.value for s in engine.reader.read("estate-1", P, T0, T0 + 9 * DAY)] == [float(at) for at in range(31, 50)]
    assert engine.reader.read("estate-1", "old", T0, T0 + DAY) == []
    assert set(engine.reader.latest("estate-1", [P, "old", "kept"])) == {P, "kept"}
    engine.expiry.expire("estate-1", T0 + 49 * HOUR)
    assert engine.reader.steps("estate-1", P, T0, T0 + 9 * DAY, 9)[0].count == 1
    assert set(engine.reader.latest("estate-1", [P, "kept"])) == {P}


def test_what_arrives_again_is_there_once(engine):
    store(
        engine, *((P, T0 + at * SECOND, at / 4, at % 2) for at in range(100)), ("door", T0, True, 0), ("s", T0, "x", 0)
    )
    before = engine.reader.read("estate-1", P, T0, T0 + DAY)
    engine.arrive_again()
    assert engine.reader.read("estate-1", P, T0, T0 + DAY) == before
    assert [s.count for s in engine.reader.steps("estate-1", P, T0, T0 + 100 * SECOND, 4)] == [25] * 4
    assert [s.value for s in engine.reader.read("estate-1", "s", T0, T0 + DAY)] == ["x"]
