"""A rule can be tried on history before it is switched on: this would have raised three alarms, here they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.fleet.rule_figures import figures_of, retuned
from cloud.domain.fleet.rule_trial import Seen, try_rule
from schemas.alarm_rules import AlarmRule, Cleared, Observed, Raised, Tick, begin, step
from schemas.conditions import Absence, All, AnyOf, Count, Limit, State
from schemas.node_config import NodeConfig

SECOND = 1_000_000
START = 1_800_000_000 * SECOND


def rule(when=None, **given) -> AlarmRule:
    given.setdefault("on_delay_s", 2.0)
    when = when or Limit(point="speed", above=5.0, deadband=1.0)
    return AlarmRule(id="b1/lift/fast", equipment="b1/lift", hazard="lift.overspeed", when=when, **given)


def course(*readings: tuple[float, float | bool], point: str = "speed") -> list[Seen]:
    return [Seen(START + round(at * SECOND), point, value) for at, value in readings]


def tried(one: AlarmRule, readings: list[Seen], seconds: float = 100.0):
    return try_rule(one, readings, START, START + round(seconds * SECOND))


def test_an_alarm_is_raised_after_its_on_delay_and_cleared_past_its_deadband():
    found = tried(rule(), course((0, 1.0), (10, 6.0), (20, 4.5), (30, 3.9), (50, 1.0)))
    (alarm,) = found.alarms
    assert [(at - START) / SECOND for at in (alarm.pending_at, alarm.raised_at, alarm.cleared_at)] == [10, 12, 30]
    assert (alarm.point, alarm.value, alarm.threshold) == ("speed", 6.0, 5.0)
    assert (found.raised, found.stood_s, found.longest_s, found.standing) == (1, 18.0, 18.0, False)


def test_what_is_shorter_than_the_on_delay_raises_nothing():
    assert tried(rule(), course((0, 1.0), (10, 6.0), (11.9, 1.0))).alarms == ()


def test_a_delay_runs_out_although_no_reading_comes():
    found = tried(rule(), course((0, 1.0), (97, 6.0)))
    assert (found.raised, found.standing, found.stood_s) == (1, True, 1.0)


def test_what_stood_before_the_time_asked_about_is_shown_and_not_counted():
    found = tried(rule(), course((-50, 6.0), (10, 1.0), (20, 6.0), (30, 1.0)))
    assert (found.raised, len(found.alarms), found.readings) == (1, 2, 3)
    assert found.stood_s == 10.0 + 8.0


def test_what_was_over_before_is_not_shown():
    assert tried(rule(), course((-50, 6.0), (-20, 1.0))).alarms == ()


def test_without_a_reading_nothing_is_said():
    found = tried(rule(), [])
    assert (found.readings, found.alarms) == (0, ())


def test_a_silent_point_raises_an_absence_once_it_was_heard():
    one = rule(Absence(point="speed", for_s=30.0), on_delay_s=0.0)
    found = tried(one, course((0, 1.0), (20, 1.0), (40, 1.0), (80, 1.0)))
    assert [(alarm.raised_at - START) / SECOND for alarm in found.alarms] == [70], "each repeat is a sign of life"


def test_it_is_the_nodes_own_rule_code():
    """Every transition of `step`, driven as a node drives it, and no other."""
    one = rule(AnyOf(of=[Limit(point="speed", above=5.0), Count(point="open", at_least=2, window_s=20.0)]))
    readings = sorted(course((1, 6.0), (5, 2.0), (30, 7.0)) + course((6, True), (7, False), (9, True), point="open"))
    state, transitions = begin(one, 1.0), []
    for seen in readings:
        state, found, _ = step(one, state, Observed(seen.point, seen.value), (seen.time - START) / SECOND)
        transitions += found
    transitions += step(one, state, Tick(), 100.0).transitions
    found = tried(one, readings)
    assert [(alarm.raised_at - START) / SECOND for alarm in found.alarms] == [
        at.mono for at in transitions if isinstance(at, Raised)
    ]
    assert [(a.cleared_at - START) / SECOND for a in found.alarms if a.cleared_at] == [
        at.mono for at in transitions if isinstance(at, Cleared)
    ]


@given(
    st.lists(st.floats(0, 10, allow_nan=False), max_size=40),
    st.floats(1, 9),
    st.floats(0, 5),
    st.integers(0, 10),
)
def test_a_higher_threshold_is_never_longer_in_alarm(values, above, more, delay):
    readings = course(*enumerate(values))
    low, high = (rule(Limit(point="speed", above=level), on_delay_s=float(delay)) for level in (above, above + more))
    assert tried(high, readings).stood_s <= tried(low, readings).stood_s


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(0, 10, allow_nan=False)), max_size=40), st.integers(0, 600))
def test_alarms_follow_one_another_and_lie_within(steps, seconds):
    at, readings = 0, []
    for wait, value in steps:
        at += wait
        readings.append((at - 100, value))
    found = tried(rule(), course(*readings), seconds)
    moments = [m for alarm in found.alarms for m in (alarm.raised_at, alarm.cleared_at or found.end)]
    assert moments == sorted(moments)
    assert 0 <= found.longest_s <= found.stood_s <= seconds


@pytest.fixture
def detector() -> AlarmRule:
    equipment = [{"id": "b1/d", "kind": "smoke_detector", "obscuration": {"channel": 0, "at_full": 0.2}}]
    config = NodeConfig.model_validate({"equipment": equipment})
    return next(one for one in config.all_rules() if one.id == "b1/d/smoke-obscuration")


def test_figures_are_found_wherever_they_stand(detector):
    assert [(one.way, one.value, one.point) for one in figures_of(detector)] == [
        ("when.above", 0.05, "obscuration-per-metre"),
        ("when.deadband", 0.01, "obscuration-per-metre"),
        ("on_delay_s", 2.5, None),
        ("off_delay_s", 10.0, None),
    ]
    deep = rule(All(of=[Count(point="open", at_least=3, window_s=60.0), State(point="moving")], for_s=2.0))
    assert [one.way for one in figures_of(deep)] == [
        "when.of.0.at_least", "when.of.0.window_s", "when.for_s", "on_delay_s", "off_delay_s"
    ]  # fmt: skip


def test_what_is_tuned_changes_and_the_rest_stays(detector):
    changes = retuned(detector, {"when.above": 0.08, "on_delay_s": 5.0, "off_delay_s": 10.0})
    assert changes.keys() == {"when", "on_delay_s"}
    edited = detector.model_copy(update={"when": Limit(**changes["when"]), "on_delay_s": 5.0})
    assert (edited.when.above, edited.when.deadband) == (0.08, 0.01)


@pytest.mark.parametrize("given", [{"when.of.0.above": 1.0}, {"id": 2.0}, {"when.above": float("nan")}])
def test_what_is_no_figure_of_the_rule_is_named(detector, given):
    with pytest.raises(ValueError, match=next(iter(given))):
        retuned(detector, given)


def test_what_counts_is_whole():
    one = rule(Count(point="open", at_least=3, window_s=60.0))
    assert retuned(one, {"when.at_least": 4.0})["when"]["at_least"] == 4
    with pytest.raises(ValueError, match="whole"):
        retuned(one, {"when.at_least": 4.5})
