"""Alarms per ten minutes, share followed by an action, chattering and standing alarms, floods, worst ten points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.incidents.alarm_quality import AlarmRecord, Judged, alarm_quality

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=10)
MINUTE = timedelta(minutes=1)


def alarm(at: timedelta, lasts: timedelta | None = MINUTE, *, equipment="b1/gate", incident="i", **said) -> AlarmRecord:
    raised = START + at
    return AlarmRecord(
        "access.held-open", equipment, "h/b1", raised, raised + lasts if lasts else None, incident, **said
    )


def figures(*records: AlarmRecord):
    return alarm_quality(records, START, END)


def test_of_nothing_there_is_nothing_to_take_a_share_of():
    found = figures()
    assert (found.count, found.per_day, found.peak, found.peak_at, found.floods) == (0, 0.0, 0, None, 0)
    assert (found.worst_share, found.acted_on, found.nuisance, list(found.worst)) == (None, None, None, [])


def test_rates_are_over_the_time_asked_about():
    found = figures(*(alarm(timedelta(hours=n)) for n in range(20)))
    assert found.per_day == 2.0
    assert found.per_ten_minutes == pytest.approx(20 / (10 * 144))


def test_what_was_raised_outside_does_not_count():
    before, after = alarm(-MINUTE), alarm(timedelta(days=10))
    assert figures(before, after, alarm(timedelta())).count == 1


def test_the_peak_lies_wherever_ten_minutes_hold_most():
    found = figures(*(alarm(timedelta(minutes=m)) for m in (0, 7, 12, 13, 16, 30)))
    assert (found.peak, found.peak_at) == (4, START + 7 * MINUTE)
    assert figures(alarm(timedelta()), alarm(10 * MINUTE)).peak == 1, "ten minutes later is not within ten minutes"


def test_more_than_ten_in_ten_minutes_are_a_flood():
    assert figures(*(alarm(n * MINUTE / 2) for n in range(10))).floods == 0
    found = figures(*(alarm(n * MINUTE / 2) for n in range(11)))
    assert (found.floods, found.flooded) == (1, pytest.approx(10 / (10 * 1440)))


def test_windows_that_overlap_are_one_flood_and_count_their_time_once():
    found = figures(
        *(alarm(n * MINUTE / 2) for n in range(31)), *(alarm(timedelta(days=1) + n * MINUTE / 2) for n in range(11))
    )
    assert (found.floods, found.flooded) == (2, pytest.approx((20 + 10) / (10 * 1440)))


def test_more_than_five_of_one_alarm_in_ten_minutes_chatter():
    assert figures(*(alarm(n * MINUTE) for n in range(5))).chattering == 0
    several = [alarm(n * MINUTE, equipment=f"b1/gate-{n}") for n in range(8)]
    assert figures(*several).chattering == 0, "eight doors are no chattering one"
    found = figures(*(alarm(n * MINUTE) for n in range(6)))
    assert (found.chattering, found.worst[0].chattered) == (1, 1)


def test_an_alarm_that_stands_for_more_than_a_day_is_stale_although_it_was_raised_before():
    old = alarm(timedelta(days=-3), None, equipment="b1/a")
    long = alarm(timedelta(days=2), timedelta(days=2), equipment="b1/b")
    short = alarm(timedelta(days=5), timedelta(hours=24), equipment="b1/c")
    over = alarm(timedelta(days=-9), timedelta(days=8), equipment="b1/d")
    assert [one.equipment for one in figures(old, long, short, over).stale] == ["b1/a", "b1/b"]


def test_the_ten_most_frequent_are_the_worst():
    records = [alarm(timedelta(hours=n), equipment=f"b1/gate-{k:02}") for k in range(12) for n in range(k + 1)]
    found = figures(*records)
    assert [one.count for one in found.worst] == list(range(12, 2, -1))
    assert found.worst_share == pytest.approx(75 / 78)


def test_an_incident_is_judged_and_answered_once_however_often_its_alarm_came():
    false = [alarm(timedelta(hours=n), incident="f", answered=True, judged=Judged.FALSE) for n in range(5)]
    true = alarm(timedelta(hours=9), incident="t", answered=True, judged=Judged.TRUE)
    open_ = alarm(timedelta(hours=10), incident="o")
    found = figures(*false, true, open_)
    assert (found.incidents, found.judged, found.nuisance) == (3, 2, 0.5)
    assert found.acted_on == pytest.approx(2 / 3)
    assert found.worst[0].false == 1


def test_an_end_before_its_beginning_is_refused():
    with pytest.raises(ValueError, match="the end comes first"):
        alarm_quality([], END, START)


minutes = st.integers(-5000, 20_000)


@given(st.lists(st.tuples(minutes, st.one_of(st.none(), st.integers(0, 5000)), st.integers(0, 3)), max_size=60))
def test_figures_agree_with_each_other(given):
    records = [
        alarm(at * MINUTE, None if lasts is None else lasts * MINUTE, equipment=f"b1/{which}")
        for at, lasts, which in given
    ]
    found = figures(*records)
    assert found == figures(*reversed(records)), "the order in which they are told does not matter"
    assert found.peak <= found.count
    assert (found.floods > 0) is (found.peak > 10)
    assert 0 <= found.flooded <= 1
    assert sum(one.count for one in found.worst) == found.count, "there are but four points"
    assert (found.chattering > 0) is any(one.chattered for one in found.worst)
