"""Three false alarms in thirty days are the detector's; what was dealt with is not held against it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.incidents.false_alarms import OFTEN, FalseAlarm, unreliable

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def false(number, days_ago, equipment="b1/smoke-1"):
    return FalseAlarm(f"i{number}", equipment, "b1-node", NOW - timedelta(days=days_ago))


def test_three_of_one_detector_are_told_in_the_order_in_which_they_were_raised():
    found = [false(1, 3), false(2, 9), false(3, 6), false(4, 1, "b1/smoke-2")]
    assert {key: [one.incident_id for one in alarms] for key, alarms in unreliable(found, {}).items()} == {
        "b1/smoke-1": ["i2", "i3", "i1"]
    }


def test_several_alarms_of_one_incident_were_one():
    assert unreliable([false(1, 3), false(1, 3), false(1, 2), false(2, 1)], {}) == {}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30))), st.integers(0, 30))
def test_none_of_what_it_is_told_for_was_raised_before_it_was_last_dealt_with(found, dealt_days_ago):
    dealt = NOW - timedelta(days=dealt_days_ago)
    told = unreliable([false(n, ago) for n, ago in found], {"b1/smoke-1": dealt})
    for alarms in told.values():
        assert len(alarms) >= OFTEN
        assert len({one.incident_id for one in alarms}) == len(alarms)
        assert all(one.raised_at > dealt for one in alarms)
