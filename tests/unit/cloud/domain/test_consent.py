"""Hours of silence by the day that the person wants counted (equipment.md), whatever clocks do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.duties.consent import Consent, counted
from tests.fakes.clocks import START
from tests.fakes.home import POINT, with_a_home

REGISTER = with_a_home().register(1)
LONDON = replace(REGISTER, estate=replace(REGISTER.estate, time_zone="Europe/London"))
BY_DAY = Consent("k", "example", "x", "home", (POINT,), START, START, 24, time(7), time(21))
HOUR = timedelta(hours=1)


def test_a_night_does_not_count_where_the_day_does():
    start = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai
    assert counted(BY_DAY, REGISTER, start, start + 12 * HOUR) == 2 * HOUR
    over_night = replace(BY_DAY, day_from=time(21), day_until=time(7))
    assert counted(over_night, REGISTER, start, start + 12 * HOUR) == 10 * HOUR


def test_the_night_in_which_clocks_are_moved_has_the_hours_that_it_has():
    round_the_clock = replace(BY_DAY, day_from=time(0), day_until=time(0))
    start = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert counted(round_the_clock, LONDON, start, start + 4 * HOUR) == 4 * HOUR
    early = replace(BY_DAY, day_from=time(0), day_until=time(8))
    assert (
        counted(early, LONDON, datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)) == 7 * HOUR
    )


times = st.times().map(lambda t: t.replace(minute=t.minute - t.minute % 15, second=0, microsecond=0))


@given(times, times, st.integers(0, 4000), st.integers(0, 4000), st.integers(0, 4000))
def test_what_counts_adds_up_and_is_never_longer_than_what_passed(start, end, first, one, two):
    consent = replace(BY_DAY, day_from=start, day_until=end)
    a = START + timedelta(minutes=first)
    b, c = a + timedelta(minutes=one), a + timedelta(minutes=one + two)
    parts = [counted(consent, REGISTER, a, b), counted(consent, REGISTER, b, c)]
    assert counted(consent, REGISTER, a, c) == sum(parts, timedelta())
    assert all(timedelta() <= part <= length for part, length in zip(parts, (b - a, c - b), strict=True))


def test_so_many_hours_of_its_day_are_over_within_its_horizon():
    for hours, day in ((4, 6), (24, 14), (72, 6), (72, 24)):
        consent = replace(BY_DAY, hours=hours, day_from=time(7), day_until=time((7 + day) % 24))
        assert counted(consent, REGISTER, START, START + consent.horizon) >= consent.needed
