"""The vocabulary of conditions, sentence by sentence of its docstrings."""

import pytest
from pydantic import ValidationError

from schemas.conditions import Absence, All, AnyOf, Count, Limit, Not, Rate, State, points_of
from schemas.evaluation import MOST_LEVELS, Memory, Moment, evaluate
from tests.unit.schemas.timeline import Timeline, rule

OPEN = State(point="open", equals=True)
SMOKE = Limit(point="smoke", above=5.0, deadband=1.0)


def truth_after(condition, *readings, at=None):
    """Whether the condition holds after these (seconds, value) readings of its point 'p' - as a rule without delays."""
    timeline = Timeline(rule(condition))
    for mono, value in readings:
        timeline.read(mono, p=value)
    return timeline.wait(readings[-1][0] if at is None else at).on


def limit(**fields):
    return Limit(point="p", **fields)


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        (limit(above=5), [5], True),
        (limit(above=5), [4.99], False),
        (limit(above=5), [9, 4.99], False),
        (limit(above=5, deadband=1), [5, 4], True),
        (limit(above=5, deadband=1), [5, 3.99], False),
        (limit(above=5, deadband=1), [4.5], False),
        (limit(above=5, deadband=1), [5, 3, 4.5], False),
        (limit(above=5, deadband=1), [5, None, 4.5], True),
        (limit(below=5), [5], True),
        (limit(below=5, deadband=1), [5, 6], True),
        (limit(below=5, deadband=1), [5, 6.01], False),
        (limit(below=0), [-1], True),
        (limit(above=1), [True], True),
        (limit(above=1), ["9"], False),
    ],
)
def test_limit(condition, values, expected):
    assert truth_after(condition, *enumerate(values)) is expected


def test_each_limit_keeps_a_deadband_of_its_own():
    wide, narrow = limit(above=5, deadband=4), limit(above=5, deadband=1)
    both = All(of=[wide, narrow])
    assert truth_after(both, (0, 5), (1, 4.5))
    assert not truth_after(both, (0, 5), (1, 2), (2, 4.5)), "the narrow one has let go"
    assert truth_after(AnyOf(of=[wide, narrow]), (0, 5), (1, 2))


def test_a_deadband_counts_from_when_the_limit_was_true_not_from_when_the_rule_was_raised():
    timeline = Timeline(rule(SMOKE, on_delay_s=10)).read(0.0, smoke=5).read(5.0, smoke=4.2)
    assert timeline.wait(10.0).raised == [10.0]


@pytest.mark.parametrize(
    ("equals", "value", "expected"),
    [
        (True, True, True),
        (True, False, False),
        (True, 1, True),
        (False, 0, True),
        (0, False, True),
        (5, 5.0, True),
        (5, 5.1, False),
        ("up", "up", True),
        ("up", "UP", False),
        ("1", 1, False),
        (True, None, False),
    ],
)
def test_state(equals, value, expected):
    assert truth_after(State(point="p", equals=equals), (0, value)) is expected


RISE = Rate(point="p", rise=10, window_s=60)
FALL = Rate(point="p", fall=10, window_s=60)


@pytest.mark.parametrize(
    ("condition", "readings", "at", "expected"),
    [
        (RISE, [(0, 50)], None, False),
        (RISE, [(0, 20), (30, 30)], None, True),
        (RISE, [(0, 20), (30, 29.9)], None, False),
        (RISE, [(0, 30), (30, 20)], None, False),
        (RISE, [(0, 20), (30, 25), (59, 30)], None, True),
        (RISE, [(0, 20), (30, 25), (90, 30)], None, False),  # 20 ended at 30, and has left the window at 90
        (RISE, [(0, 20), (30, 25), (89.9, 30)], None, True),
        (RISE, [(0, 20), (3600, 30)], None, True),  # 20 held until a moment ago, however long ago it was read
        (RISE, [(0, 20), (10, 30)], 69.9, True),
        (RISE, [(0, 20), (10, 30)], 70, False),
        (RISE, [(0, 30), (1, 35), (2, 20), (3, 30)], None, True),
        (RISE, [(0, 20), (1, 31), (2, 29)], None, False),
        (RISE, [(0, 20), (1, None), (2, 30)], None, False),
        (RISE, [(0, 20), (1, "x"), (2, 30)], None, False),
        (FALL, [(0, 30), (30, 20)], None, True),
        (FALL, [(0, 20), (30, 30)], None, False),
        (FALL, [(0, 30), (30, 20)], 90, False),
    ],
)
def test_rate(condition, readings, at, expected):
    assert truth_after(condition, *readings, at=at) is expected


def test_a_long_steady_rise_is_remembered_in_bounded_memory():
    timeline = Timeline(rule(Rate(point="p", rise=999.5, window_s=1000)))
    for second in range(1, 5000):
        timeline.read(float(second), p=second)
        assert len(timeline.state.when.levels) <= MOST_LEVELS + 3
    assert timeline.raised == [1001.0], "at 1,001 the value of 1 s had held until 2 s, within the window"
    assert timeline.on


def test_a_fall_within_bounded_memory_is_not_missed():
    timeline = Timeline(rule(Rate(point="p", fall=100, window_s=1000)))
    for second in range(3000):
        timeline.read(float(second), p=-0.101 * second)
    assert timeline.raised == [pytest.approx(990, abs=16)]


THREE = Count(point="p", at_least=3, window_s=60)


def pulses(*moments):
    return [reading for moment in moments for reading in ((moment, True), (moment + 0.1, False))]


@pytest.mark.parametrize(
    ("readings", "at", "expected"),
    [
        (pulses(0, 10, 20), None, True),
        (pulses(0, 10), None, False),
        (pulses(0, 10, 59.8), None, True),
        (pulses(0, 10, 60), None, False),  # the first is exactly 60 s old and has left
        (pulses(0, 10, 20), 59.9, True),
        (pulses(0, 10, 20), 60, False),
        (pulses(0, 10, 20, 30), 69.9, True),
        ([(0, True), (1, True), (2, True)], None, False),  # repeats
        ([(0, True), (1, None), (2, True), (3, None), (4, True)], None, False),  # unknown is no change
        ([(0, True), (1, False), (2, None), (3, True), (4, False), (5, True)], None, True),
    ],
)
def test_count(readings, at, expected):
    assert truth_after(THREE, *readings, at=at) is expected


def test_a_first_observation_that_equals_is_counted():
    assert truth_after(Count(point="p", at_least=1, window_s=60), (0, True))


def test_a_count_of_what_was_never_observed_is_known_to_be_none():
    unused = Count(point="granted", at_least=1, window_s=30)
    assert Timeline(rule(All(of=[OPEN, Not(of=unused)]))).read(0.0, open=True).on


def test_a_count_remembers_no_more_than_it_needs():
    timeline = Timeline(rule(Count(point="p", at_least=3, window_s=1e6)))
    for moment, value in pulses(*range(500)):
        timeline.read(moment, p=value)
    assert len(timeline.state.when.moments) == 3


def test_absence_counts_from_when_the_rule_began_to_watch():
    timeline = Timeline(rule(Absence(point="p", for_s=30)), start=100.0)
    assert timeline.wait(129.9).raised == []
    assert timeline.wait(1000.0).raised == [130.0]


def test_absence_counts_from_the_last_reading():
    timeline = Timeline(rule(Absence(point="p", for_s=30))).read(20.0, p=1).read(40.0, p=1).read(70.0, p=1)
    assert timeline.transitions == []
    assert timeline.wait(1000.0).raised == [100.0]
    assert timeline.read(2000.0, p=1).cleared == [2000.0]


def test_a_reading_that_knows_nothing_ends_no_absence():
    timeline = Timeline(rule(Absence(point="p", for_s=30))).read(20.0, p=1).read(40.0, p=None)
    assert timeline.wait(1000.0).raised == [50.0]


def test_all_together_and_without_a_break():
    timeline = Timeline(rule(All(of=[OPEN, SMOKE], for_s=10)))
    timeline.read(0.0, open=True).read(5.0, smoke=9).read(14.0, open=False).read(14.5, open=True)
    assert timeline.wait(24.4).raised == []
    assert timeline.wait(24.5).raised == [24.5]


def test_any_may_change_hands_without_a_break():
    timeline = Timeline(rule(AnyOf(of=[OPEN, SMOKE], for_s=10)))
    timeline.read(0.0, open=True, smoke=0).read(5.0, smoke=9).read(6.0, open=False)
    assert timeline.wait(100.0).raised == [10.0]
    timeline.read(100.0, smoke=0)
    assert timeline.cleared == [100.0]


def test_a_duration_not_yet_reached_is_false_and_not_unknown():
    timeline = Timeline(rule(Not(of=All(of=[OPEN], for_s=10)))).read(0.0, open=True)
    assert timeline.on
    assert timeline.wait(10.0).cleared == [10.0]


TRUE, FALSE, UNKNOWN = (State(point=name) for name in ("yes", "no", "nobody"))


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (All(of=[TRUE, TRUE]), True),
        (All(of=[TRUE, FALSE]), False),
        (All(of=[UNKNOWN, FALSE]), False),
        (All(of=[UNKNOWN, TRUE]), None),
        (AnyOf(of=[TRUE, UNKNOWN]), True),
        (AnyOf(of=[FALSE, UNKNOWN]), None),
        (AnyOf(of=[FALSE, FALSE]), False),
        (Not(of=TRUE), False),
        (Not(of=FALSE), True),
        (Not(of=UNKNOWN), None),
        (All(of=[UNKNOWN], for_s=5), None),
        (All(of=[TRUE], for_s=5), False),
    ],
)
def test_three_valued_logic(condition, truth):
    says_true = Timeline(rule(condition)).read(0.0, yes=True, no=False)
    says_false = Timeline(rule(Not(of=condition))).read(0.0, yes=True, no=False)
    assert (says_true.on, says_false.on) == (truth is True, truth is False)


def test_unknown_is_a_break():
    timeline = Timeline(rule(All(of=[OPEN], for_s=10))).read(0.0, open=True).read(5.0, open=None).read(6.0, open=True)
    assert timeline.wait(100.0).raised == [16.0]


def test_points_of_names_every_point_once():
    condition = All(of=[OPEN, AnyOf(of=[SMOKE, Not(of=OPEN)]), Absence(point="beat", for_s=1)])
    assert points_of(condition) == {"open", "smoke", "beat"}


@pytest.mark.parametrize(
    ("model", "fields", "says"),
    [
        (Limit, {"point": "p"}, "for example above = 5.0"),
        (Limit, {"point": "p", "above": 1, "below": 0}, "either 'above' or 'below'"),
        (Rate, {"point": "p", "window_s": 60}, "for example rise = 10.0"),
        (Rate, {"point": "p", "rise": 1, "window_s": 0}, "window_s"),
        (Count, {"point": "p", "at_least": 0, "window_s": 1}, "at_least"),
        (Absence, {"point": "p", "for_s": 0}, "for_s"),
        (Absence, {"point": "p", "for_s": 32 * 86400}, "for_s"),
        (All, {"of": []}, "of"),
        (State, {"point": "Door Open"}, "point"),
        (State, {"point": "p", "equal": True}, "equal"),
        (Limit, {"point": "p", "above": float("nan")}, "above"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(model, fields, says):
    with pytest.raises(ValidationError, match=says):
        model(**fields)


def test_the_kinds_of_values_survive_being_written_down():
    for equals in (True, False, 0.0, 1.0, "0"):
        again = State.model_validate_json(State(point="p", equals=equals).model_dump_json())
        assert type(again.equals) is type(equals)
    assert State.model_validate({"point": "p", "equals": 0}).equals is not False


@pytest.mark.parametrize("for_s", [0.3, 2.0, 30.0, 600.0])
def test_what_lasts_across_a_boot_is_not_ended_by_a_rounded_sum(for_s):
    condition = All(of=[State(point="a")], for_s=for_s)
    for thousandth in range(200_000, 260_000, 7):
        at = thousandth / 1000 + 1 / 3
        remembered = Memory(truth=True, inner=(Memory(),))
        assert evaluate(condition, remembered, Moment({"a": True}, "a", at)).truth is True
