"""The meaning of an alarm rule, sentence by sentence of its docstring."""

import pytest

from schemas.alarm_rules import Cleared, Observed, Raised, RuleState, Tick, begin, resumed, step
from schemas.conditions import Absence, All, AnyOf, Count, Limit, Not, Rate, State
from schemas.hazards import Severity
from tests.unit.schemas.timeline import Timeline, rule

OPEN = State(point="open", equals=True)
SMOKE = Limit(point="smoke", above=5.0, deadband=1.0)


def test_raised_at_once_without_a_delay_and_says_why():
    timeline = Timeline(rule(SMOKE)).read(1.0, smoke=4.9).read(2.0, smoke=5.0)
    assert timeline.transitions == [Raised(2.0, "smoke", 5.0, 5.0)]


def test_raised_when_true_without_a_break_for_the_on_delay():
    timeline = Timeline(rule(OPEN, on_delay_s=30)).read(10.0, open=True)
    assert timeline.state.next_due == 40.0
    assert timeline.wait(39.999).raised == []
    assert timeline.wait(40.0).raised == [40.0]


def test_a_break_begins_the_on_delay_anew():
    timeline = Timeline(rule(OPEN, on_delay_s=30)).read(10.0, open=True).read(39.0, open=False).read(39.5, open=True)
    assert timeline.wait(69.0).raised == []
    assert timeline.wait(69.5).raised == [69.5]


def test_a_reading_at_the_very_end_of_a_delay_comes_first():
    timeline = Timeline(rule(OPEN, on_delay_s=30)).read(10.0, open=True).read(40.0, open=False).wait(100.0)
    assert timeline.transitions == []


def test_cleared_when_false_for_the_off_delay():
    timeline = Timeline(rule(SMOKE, off_delay_s=10)).read(0.0, smoke=9).read(1.0, smoke=0).read(8.0, smoke=9)
    timeline.read(9.0, smoke=2.0).wait(18.9)
    assert timeline.on
    timeline.wait(19.0)
    assert timeline.transitions == [Raised(0.0, "smoke", 9.0, 5.0), Cleared(19.0, 2.0)]


def test_the_first_observation_raises():
    assert Timeline(rule(OPEN), start=5.0).read(7.0, open=True).raised == [7.0]
    assert Timeline(rule(OPEN, on_delay_s=2)).read(7.0, open=True).wait(60).raised == [9.0]


def test_what_is_never_observed_raises_nothing():
    assert Timeline(rule(OPEN)).wait(1e6).transitions == []
    assert Timeline(rule(Not(of=OPEN))).wait(1e6).transitions == []


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_a_raised_rule_whose_point_becomes_unknown_stays_raised(unknown):
    timeline = Timeline(rule(SMOKE)).read(0.0, smoke=9).read(1.0, smoke=unknown).wait(1e6)
    assert timeline.on
    assert timeline.read(2e6, smoke=0).cleared == [2e6]


def test_unknown_breaks_the_on_delay_and_the_off_delay():
    timeline = Timeline(rule(OPEN, on_delay_s=30, off_delay_s=10))
    timeline.read(0.0, open=True).read(20.0, open=None).read(21.0, open=True)
    assert timeline.wait(50.9).raised == []
    assert timeline.wait(51.0).raised == [51.0]
    timeline.read(60.0, open=False).read(65.0, open=None).read(66.0, open=False)
    assert timeline.wait(75.9).cleared == []
    assert timeline.wait(76.0).cleared == [76.0]


def test_where_clear_when_is_given_only_that_clears():
    freed = All(of=[State(point="at-level"), State(point="door-open")])
    trapped = Limit(point="pulses", above=4)
    timeline = Timeline(rule(trapped, clear_when=freed, off_delay_s=3)).read(0.0, at_level=True, door_open=False)
    timeline.read(1.0, pulses=4).read(60.0, pulses=0).wait(1000.0)
    assert timeline.on, "a passenger who keeps still is still there"
    timeline.read(1000.0, door_open=True).read(1002.0, door_open=False).read(1003.0, door_open=True).wait(1005.9)
    assert timeline.on
    timeline.wait(1006.0)
    assert timeline.transitions == [Raised(1.0, "pulses", 4.0, 4.0), Cleared(1006.0, 0.0)]


def test_while_clear_when_is_true_nothing_is_raised():
    timeline = Timeline(rule(OPEN, on_delay_s=2, clear_when=State(point="known"))).read(0.0, known=True, open=True)
    assert timeline.wait(100.0).transitions == []
    assert timeline.read(100.0, known=False).wait(200.0).raised == [102.0]
    assert timeline.read(200.0, known=True).cleared == [200.0]
    assert timeline.wait(1e4).raised == [102.0]


def test_an_unknown_clear_when_neither_clears_nor_holds_back():
    timeline = Timeline(rule(OPEN, clear_when=State(point="known"))).read(0.0, open=True).read(9.0, open=False)
    assert timeline.wait(100.0).transitions == [Raised(0.0, "open", True, None)]


def test_what_fell_due_before_a_late_step_happens_as_of_its_moment():
    watched = rule(OPEN, on_delay_s=2, off_delay_s=3)
    state = step(watched, begin(watched, 0.0), Observed("open", True), 1.0).state
    state, transitions, due = step(watched, state, Observed("open", False), 60.0)
    assert transitions == [Raised(3.0, "open", True, None)]
    assert due == 63.0
    assert step(watched, state, Tick(), 3600.0).transitions == [Cleared(63.0, False)]


def test_another_points_reading_is_a_tick():
    watched = rule(OPEN, on_delay_s=2)
    state = step(watched, begin(watched, 0.0), Observed("open", True), 1.0).state
    with_reading = step(watched, state, Observed("floor", 7.0), 5.0)
    assert with_reading == step(watched, state, Tick(), 5.0)
    assert with_reading.transitions == [Raised(3.0, "open", True, None)]


def test_a_reading_stamped_a_little_before_the_last_tick_counts_from_that_tick():
    watched = rule(OPEN, on_delay_s=2)
    state = step(watched, begin(watched, 0.0), Tick(), 10.01).state
    assert step(watched, state, Observed("open", True), 10.0).next_due == pytest.approx(12.01)


def test_a_clock_that_went_back_is_a_new_boot():
    watched = rule(OPEN, on_delay_s=30)
    state = step(watched, begin(watched, 0.0), Observed("open", True), 5000.0).state
    state, transitions, due = step(watched, state, Tick(), 20.0)
    assert (transitions, due, state.values) == ([], None, {})
    assert step(watched, state, Observed("open", True), 21.0).next_due == 51.0


# A restart


def stored(state):
    return RuleState.from_json(state.to_json())


def test_what_was_raised_stays_raised_in_a_new_boot_and_is_not_raised_again():
    watched = rule(SMOKE, off_delay_s=10)
    before = Timeline(watched).read(50_000.0, smoke=9)
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0))
    after.read(13.0, smoke=9).wait(1000.0)
    assert after.on
    assert after.transitions == []
    assert after.read(1000.0, smoke=0).wait(2000.0).transitions == [Cleared(1010.0, 0.0)]


def test_a_pending_delay_starts_over_in_a_new_boot():
    watched = rule(OPEN, on_delay_s=30)
    before = Timeline(watched).read(50_000.0, open=True).wait(50_029.0)
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0))
    assert after.wait(1000.0).raised == [], "nobody has seen the door since"
    assert after.read(1000.0, open=True).wait(2000.0).raised == [1030.0]


def test_a_deadband_outlives_a_new_boot():
    watched = rule(SMOKE)
    before = Timeline(watched).read(50_000.0, smoke=9)
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0))
    assert after.read(13.0, smoke=4.0).transitions == []
    assert after.read(14.0, smoke=3.9).cleared == [14.0]


def test_counts_windows_and_absences_start_over_in_a_new_boot():
    watched = rule(AnyOf(of=[Count(point="denied", at_least=2, window_s=60), Absence(point="denied", for_s=500)]))
    before = Timeline(watched).read(50_000.0, denied=True).read(50_000.1, denied=False)
    assert before.state.next_due == 50_500.1
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0))
    assert after.wait(12.0).state.next_due == 512.0
    assert after.read(13.0, denied=True).transitions == []
    assert after.wait(1000.0).raised == [513.0]


def test_a_door_held_open_before_a_new_boot_is_still_held_open_after_it():
    held = All(of=[All(of=[OPEN], for_s=30), Not(of=Count(point="granted", at_least=1, window_s=30))])
    watched = rule(held)
    before = Timeline(watched).read(50_000.0, open=True, granted=False).wait(50_100.0)
    assert before.on
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0))
    assert after.read(13.0, granted=False, open=True).wait(1000.0).transitions == []
    assert after.read(1000.0, open=False).read(1001.0, open=True).transitions == [Cleared(1000.0, False)]
    assert after.wait(1031.0).raised == [1031.0]


def test_an_absence_lasts_across_a_new_boot():
    watched = rule(Absence(point="beat", for_s=60))
    before = Timeline(watched).wait(50_000.0)
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0)).wait(1000.0)
    assert after.transitions == []
    assert after.read(1000.0, beat=1).cleared == [1000.0]


def test_a_count_that_was_reached_stands_for_one_window_more_after_a_new_boot():
    watched = rule(Count(point="denied", at_least=2, window_s=60))
    before = Timeline(watched).read(50_000.0, denied=True).read(50_001.0, denied=False).read(50_002.0, denied=True)
    after = Timeline(watched, state=resumed(watched, stored(before.state), 12.0)).read(13.0, denied=True)
    assert after.wait(1000.0).transitions == [Cleared(72.0, True)]


def test_a_rule_that_is_true_of_nothing_says_so_at_its_first_tick():
    watched = rule(Not(of=Count(point="granted", at_least=1, window_s=60)))
    state = begin(watched, 5.0)
    assert state.next_due == 5.0
    assert [raise_.mono for raise_ in step(watched, state, Tick(), 5.0).transitions] == [5.0]
    assert [raise_.mono for raise_ in step(watched, state, Tick(), 99.0).transitions] == [5.0]


def test_a_restart_within_one_boot_steps_on():
    watched = rule(OPEN, on_delay_s=30)
    before = Timeline(watched).read(50_000.0, open=True)
    after = Timeline(watched, state=stored(before.state))
    assert after.wait(60_000.0).raised == [50_030.0]


# An edited rule


def test_an_edited_rule_is_cleared_and_evaluated_afresh():
    watched = rule(SMOKE)
    state = Timeline(watched).read(10.0, smoke=9).state
    edited = watched.model_copy(update={"on_delay_s": 5.0})
    state, transitions, _ = step(edited, state, Observed("smoke", 9), 20.0)
    assert transitions == [Cleared(20.0, 9.0, "rule-changed")]
    assert Timeline(edited, state=state).wait(100.0).raised == [25.0]


def test_a_rule_edited_across_a_boot_asks_to_be_told_so_at_once():
    state = Timeline(rule(SMOKE)).read(50_000.0, smoke=9).state
    edited = rule(SMOKE, severity="major")
    state = resumed(edited, stored(state), 12.0)
    assert state.next_due == 12.0
    state, transitions, due = step(edited, state, Tick(), 12.0)
    assert (transitions, due) == ([Cleared(12.0, None, "rule-changed")], None)


def test_an_edited_rule_that_was_not_raised_clears_nothing():
    state = Timeline(rule(SMOKE)).read(10.0, smoke=0).state
    assert step(rule(SMOKE, on_delay_s=1), state, Tick(), 20.0).transitions == []


def test_the_fingerprint_tells_an_edit_from_a_copy():
    watched = rule(SMOKE)
    assert watched.fingerprint == rule(SMOKE).fingerprint
    assert watched.model_copy().fingerprint == watched.fingerprint
    for edit in (
        {"on_delay_s": 1.0},
        {"severity": Severity.MAJOR},
        {"when": OPEN},
        {"hazard": "fire.co"},
        {"id": "other"},
    ):
        assert watched.model_copy(update=edit).fingerprint != watched.fingerprint
    assert watched.model_copy(update={"when": OPEN}).points == {"open"}


def test_a_damaged_state_is_refused():
    good = Timeline(rule(SMOKE)).read(10.0, smoke=9).state.to_json()
    for damaged in ("", "{}", "[]", good[:-1], good.replace("true", "7"), good.replace("10.0", '"soon"')):
        with pytest.raises(ValueError, match="validation error"):
            RuleState.from_json(damaged)


# What a raise says


@pytest.mark.parametrize(
    ("when", "readings", "said"),
    [
        (Limit(point="level", below=2.0), [("level", 1.5)], ("level", 1.5, 2.0)),
        (State(point="mode", equals="fire"), [("mode", "fire")], ("mode", "fire", None)),
        (Rate(point="heat", rise=8, window_s=60), [("heat", 20), ("heat", 29)], ("heat", 29.0, 8.0)),
        (Rate(point="heat", fall=8, window_s=60), [("heat", 20), ("heat", 9)], ("heat", 9.0, 8.0)),
        (
            Count(point="denied", at_least=2, window_s=60),
            [("denied", True), ("denied", False), ("denied", True)],
            ("denied", 2.0, 2.0),
        ),
        (Absence(point="beat", for_s=9), [("beat", 1)], ("beat", None, 9.0)),
        (AnyOf(of=[OPEN, SMOKE]), [("open", False), ("smoke", 6)], ("smoke", 6.0, 5.0)),
        (All(of=[SMOKE, OPEN]), [("smoke", 7), ("open", True)], ("smoke", 7.0, 5.0)),
        (Not(of=OPEN), [("open", False)], ("open", False, None)),
    ],
)
def test_a_raise_names_the_point_its_value_and_the_figure_it_was_held_against(when, readings, said):
    timeline = Timeline(rule(when))
    for at, (point, value) in enumerate(readings):
        timeline.read(float(at), **{point: value})
    timeline.wait(100.0)
    first = timeline.transitions[0]
    assert (first.point, first.value, first.threshold) == said
