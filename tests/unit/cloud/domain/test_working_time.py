"""Clocks that run in working time only (governance.md, Five layers: 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.community.public_days import PublicDays
from cloud.domain.community.work_calendar import Running, WorkCalendar
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Ladder, Repeat, Step
from cloud.domain.duties.routing import route
from cloud.domain.tasks.clock import Clock, ClockKind, ClockState
from cloud.errors import Invalid
from tests.fakes.estate import HOME, register

HOURS = timedelta(hours=1)
OFFICE = WorkCalendar("Asia/Shanghai", start=time(9), end=time(18))

calendars = st.builds(
    WorkCalendar,
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"]),
    st.sampled_from([PublicDays("CN"), PublicDays("DE")]),
    st.sampled_from([time(0), time(1, 30), time(2, 30), time(9)]),
    st.sampled_from([time(0), time(2, 45), time(3), time(18)]),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy gives them their zone
spans = st.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes))


def local(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@given(calendars, moments, spans)
def test_a_deadline_in_working_time_is_never_earlier_than_in_plain_time(calendar, start, limit):
    assert calendar.deadline(start, limit) >= start + limit


@given(calendars, moments, spans, spans, spans)
def test_deadlines_keep_the_order_of_starts_and_limits(calendar, start, later, limit, more):
    assert calendar.deadline(start, limit) <= calendar.deadline(start, limit + more)
    assert calendar.deadline(start, limit) <= calendar.deadline(start + later, limit)


@given(calendars, moments, spans, spans)
def test_two_limits_one_after_the_other_are_their_sum(calendar, start, first, second):
    assert calendar.deadline(calendar.deadline(start, first), second) == calendar.deadline(start, first + second)


@given(calendars, moments, spans)
def test_until_a_deadline_exactly_its_limit_is_worked(calendar, start, limit):
    due = calendar.deadline(start, limit)
    assert calendar.worked(start, due) == limit
    assert calendar.worked(due, start) == -limit
    begun = calendar.begun(due, limit)
    assert start <= begun
    assert calendar.worked(begun, due) == limit


def test_a_limit_runs_over_the_weekend_and_the_holiday():
    """Friday 13 February 2026, 17:00: an hour that day, Saturday is worked, then the Spring Festival until the 24th."""
    assert OFFICE.deadline(local("2026-02-13T17:00"), 4 * HOURS) == local("2026-02-14T12:00")
    assert OFFICE.deadline(local("2026-02-14T17:00"), 2 * HOURS) == local("2026-02-24T10:00")
    assert OFFICE.deadline(local("2026-02-15T03:00"), HOURS) == local("2026-02-24T10:00")


def test_the_day_on_which_clocks_change_has_the_hours_it_has():
    whole = WorkCalendar(
        "America/New_York", PublicDays("US", workdays=frozenset({date(2026, 3, 8), date(2026, 11, 1)}))
    )
    spring, autumn = local("2026-03-08T00:00", whole.time_zone), local("2026-11-01T00:00", whole.time_zone)
    assert whole.worked(spring, local("2026-03-09T00:00", whole.time_zone)) == 23 * HOURS
    assert whole.worked(autumn, local("2026-11-02T00:00", whole.time_zone)) == 25 * HOURS


def test_a_limit_that_is_never_reached_is_refused_rather_than_sought_for_ever():
    nothing = replace(OFFICE, start=time(2, 30), end=time(2, 30, 0, 1))
    with pytest.raises(Invalid, match="never reached"):
        nothing.deadline(local("2026-01-01T00:00"), HOURS)


def test_a_clock_is_amber_at_three_quarters_and_red_at_all_of_its_working_time():
    clock = Clock.start(ClockKind.TTR, local("2026-11-26T16:00"), 4 * HOURS, OFFICE)
    assert clock.due_at == local("2026-11-27T11:00")
    for moment, state, used in (
        ("2026-11-26T18:00", ClockState.ON_TRACK, 0.5),
        ("2026-11-27T08:59", ClockState.ON_TRACK, 0.5),
        ("2026-11-27T10:00", ClockState.AT_RISK, 0.75),
        ("2026-11-27T11:00", ClockState.BREACHED, 1.0),
        ("2026-11-28T11:00", ClockState.BREACHED, 2.75),
    ):
        assert (clock.state(local(moment)), clock.used(local(moment))) == (state, used), moment


@given(calendars, moments, spans, spans, spans)
@settings(max_examples=60)
def test_a_pause_leaves_what_was_left(calendar, start, limit, first, pause):
    clock = Clock.start(ClockKind.TTR, start, limit, calendar)
    paused_at = start + first
    left = calendar.worked(paused_at, clock.due_at)
    after = clock.pause(paused_at).go_on(paused_at + pause)
    if left > timedelta():
        assert calendar.worked(paused_at + pause, after.due_at) == left
        assert after.used(paused_at + pause) == pytest.approx(clock.used(paused_at))
    else:
        assert after.due_at == clock.due_at


def test_a_ladder_climbs_in_the_working_time_of_its_duty():
    policy = EscalationPolicy((Step(HOURS, Condition.IF_NOT_ACKNOWLEDGED, (), repeat=Repeat(HOURS, 3)),))
    ladder = Ladder.start(policy, local("2026-11-27T17:30"), OFFICE)
    assert ladder.due_at == local("2026-11-30T09:30")
    assert ladder.climb(policy, local("2026-11-30T09:30")).due_at == local("2026-11-30T10:30")
    held = ladder.postpone(policy, local("2026-11-27T17:45"), local("2026-12-01T12:00"))
    assert held.due_at == local("2026-12-01T12:45")


@pytest.mark.parametrize("found_out", ["2026-11-27T17:45", "2026-11-27T19:00", "2026-11-29T03:00"])
def test_who_cannot_be_reached_is_not_waited_for_until_the_next_working_day(found_out):
    """Also where the step would have been due long ago, had its hours run all the time."""
    policy = EscalationPolicy((Step(HOURS, Condition.IF_NOT_ACKNOWLEDGED, ()),))
    ladder = Ladder.start(policy, local("2026-11-27T17:30"), OFFICE)
    assert ladder.bring_forward(policy, local(found_out)).due_at == local(found_out)


def _register(running: Running):
    known = register()
    rows = tuple(replace(duty, running=running) for duty in known.matrix.duties)
    return replace(known, matrix=DutyMatrix(2, rows), _by_closeness={})


def test_life_safety_always_runs_whatever_the_duty_says():
    night = local("2026-11-29T03:00")
    for hazard in ("lift.entrapment", "fire.smoke"):
        assert route(_register(Running.WORKING_HOURS), hazard, f"{HOME}/b1", night).duty.calendar is None
    other = route(_register(Running.WORKING_HOURS), "access.forced-open", f"{HOME}/b1", night).duty
    assert other.after(night, HOURS) == local("2026-11-30T10:00")


def test_by_default_every_clock_always_runs():
    duty = route(register(), "access.forced-open", f"{HOME}/b1", local("2026-11-29T03:00")).duty
    assert duty.calendar is None
    days = route(_register(Running.WORKING_DAYS), "access.forced-open", f"{HOME}/b1", local("2026-11-29T03:00")).duty
    assert days.after(local("2026-11-29T03:00"), HOURS) == local("2026-11-30T01:00")
