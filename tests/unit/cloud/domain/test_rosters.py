"""Who is on duty, by rotations, shifts, overrides and public days (governance.md, Duties: Rosters)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import on_duty, on_duty_of, spells
from cloud.domain.community.public_days import DEFAULT_DAYS, DayRule, PublicDays
from cloud.domain.community.roster import Override, Roster, Rotation, Shift, laid_over, roster_problems

SHANGHAI, BERLIN, LORD_HOWE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
MEMBERS = ("a", "b", "c", "d")
NAMES = Names("值班", "Duty")

zones = st.sampled_from([SHANGHAI, BERLIN, LORD_HOWE, ZoneInfo("America/New_York")])
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
days = st.dates(date(2025, 1, 1), date(2028, 12, 31))
moments = st.datetimes(datetime(2025, 2, 1), datetime(2028, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy gives them their zone
people = st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=4, unique=True).map(tuple)
rotations = st.builds(Rotation, people, st.dates(date(2024, 1, 1), date(2025, 1, 30)), clock_times, st.integers(1, 14))
shifts = st.builds(Shift, people, clock_times, clock_times, st.frozensets(st.integers(1, 7), min_size=1))


def roster(*rotations: Rotation, shifts: tuple[Shift, ...] = (), overrides: tuple[Override, ...] = ()) -> Roster:
    return Roster("r", "example", "property", NAMES, rotations, shifts, overrides)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@given(rotations, moments, zones)
def test_a_rotation_leaves_no_moment_without_somebody(rotation, moment, zone):
    assert len(on_duty(roster(rotation), moment, zone, DEFAULT_DAYS)) == 1


@given(rotations, zones)
@settings(max_examples=50)
def test_a_rotation_is_fair_over_its_cycle(rotation, zone):
    """Each has as many days as any other, whatever the clocks do meanwhile."""
    cycle = rotation.every_days * len(rotation.participants)
    noon = [datetime.combine(rotation.starts_on + timedelta(n), rotation.handoff, zone) for n in range(cycle)]
    turns = Counter(on_duty(roster(rotation), moment, zone, DEFAULT_DAYS)[0] for moment in noon)
    assert set(turns.values()) == {rotation.every_days}
    assert set(turns) == set(rotation.participants)


@pytest.mark.parametrize("handoff", [time(2, 30), time(3), time(1, 59), time(0)])
@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_change_of_clocks_neither_skips_a_handoff_nor_makes_one_twice(handoff, change):
    rotation = Rotation(("a", "b"), change - timedelta(days=10), handoff)
    start = datetime.combine(change - timedelta(days=2), time(12), BERLIN)
    found = list(spells([roster(rotation)], start, start + timedelta(days=5), BERLIN, DEFAULT_DAYS))
    assert [spell.members for spell in found] == [("a",), ("b",)] * 3 or [s.members for s in found] == [
        ("b",),
        ("a",),
    ] * 3
    for spell in found[1:-1]:
        assert timedelta(hours=23) <= spell.ends_at - spell.starts_at <= timedelta(hours=25)


@given(
    st.one_of(rotations.map(roster), shifts.map(lambda s: roster(shifts=(s,)))), moments, st.integers(1, 5000), zones
)
def test_an_override_wins_exactly_within_its_bounds(plain, start, minutes, zone):
    end = start + timedelta(minutes=minutes)
    over = plain.with_override(Override("o", start, end, ("z",)))
    second = timedelta(seconds=1)
    for moment in (start, end - second, start + (end - start) / 2):
        assert on_duty(over, moment, zone, DEFAULT_DAYS) == ("z",)
    for moment in (start - second, end, end + second):
        assert on_duty(over, moment, zone, DEFAULT_DAYS) == on_duty(plain, moment, zone, DEFAULT_DAYS)


@given(rotations, moments, zones)
def test_an_override_of_one_member_leaves_the_others_alone(rotation, moment, zone):
    plain = roster(rotation, Rotation(("guard",), date(2024, 1, 1)))
    stand_in = Override("o", moment, moment + timedelta(hours=1), ("z",), replaces="guard")
    before = on_duty(plain, moment, zone, DEFAULT_DAYS)
    assert on_duty(plain.with_override(stand_in), moment, zone, DEFAULT_DAYS) == (before[0], "z")


def test_an_override_of_somebody_who_is_not_on_duty_changes_nothing():
    plain = roster(Rotation(("a", "b"), date(2026, 11, 23)))
    stand_in = Override("o", at("2026-11-23T09:00"), at("2026-11-24T20:00"), ("z",), replaces="b")
    over = plain.with_override(stand_in)
    assert on_duty(over, at("2026-11-23T10:00"), SHANGHAI, DEFAULT_DAYS) == ("a",)
    assert on_duty(over, at("2026-11-24T10:00"), SHANGHAI, DEFAULT_DAYS) == ("z",)


@given(st.lists(rotations, max_size=2), st.lists(shifts, max_size=2), moments, zones, st.integers(1, 200))
@settings(max_examples=60)
def test_spells_say_what_on_duty_says_at_every_moment(turns, weekly, start, zone, hours):
    rosters = [roster(*turns, shifts=tuple(weekly))]
    end = start + timedelta(hours=hours)
    found = list(spells(rosters, start, end, zone, DEFAULT_DAYS))
    assert (found[0].starts_at, found[-1].ends_at) == (start, end)
    for spell in found:
        middle = spell.starts_at + (spell.ends_at - spell.starts_at) / 2
        for moment in (spell.starts_at, middle, spell.ends_at - timedelta(microseconds=1)):
            assert on_duty_of(rosters, moment, zone, DEFAULT_DAYS) == spell.members
    for before, after in pairwise(found):
        assert before.ends_at == after.starts_at
        assert before.members != after.members


def test_before_its_first_turn_a_rotation_has_nobody_on_duty():
    turns = roster(Rotation(("a", "b"), date(2026, 11, 2), time(8)))
    found = [on_duty(turns, at(when), SHANGHAI, DEFAULT_DAYS) for when in ("2026-11-01T20:00", "2026-11-02T07:59")]
    assert found == [(), ()]
    assert on_duty(turns, at("2026-11-02T08:00"), SHANGHAI, DEFAULT_DAYS) == ("a",)


def test_a_night_shift_belongs_to_the_day_it_began():
    nights = roster(shifts=(Shift(("a",), time(20), time(8), frozenset({5})),))
    assert on_duty(nights, at("2026-11-27T23:00"), SHANGHAI, DEFAULT_DAYS) == ("a",)
    assert on_duty(nights, at("2026-11-28T07:59"), SHANGHAI, DEFAULT_DAYS) == ("a",)
    assert on_duty(nights, at("2026-11-28T08:00"), SHANGHAI, DEFAULT_DAYS) == ()
    assert on_duty(nights, at("2026-11-27T07:00"), SHANGHAI, DEFAULT_DAYS) == ()


def test_a_weekend_that_is_worked_counts_as_a_working_day():
    """调休: Saturday 14 February 2026 is worked, Monday 16 February is New Year's Eve."""
    office = roster(shifts=(Shift(("office",), time(9), time(18), only=DayRule.WORKDAYS),))
    home = roster(shifts=(Shift(("standby",), time(9), time(18), only=DayRule.HOLIDAYS),))
    for moment, works in (("2026-02-14T10:00", True), ("2026-02-15T10:00", False), ("2026-02-16T10:00", False),
                          ("2026-02-24T10:00", True)):  # fmt: skip
        who = on_duty_of((office, home), at(moment), SHANGHAI, DEFAULT_DAYS)
        assert who == (("office",) if works else ("standby",)), moment


def test_the_estates_own_days_go_before_the_public_ones():
    own = PublicDays(holidays=frozenset({date(2026, 11, 26)}), workdays=frozenset({date(2026, 11, 28)}))
    assert not own.is_workday(date(2026, 11, 26))
    assert own.is_workday(date(2026, 11, 28))
    assert DEFAULT_DAYS.is_workday(date(2026, 11, 26))
    assert [d.day for d in own.named(date(2026, 11, 1), date(2026, 11, 30))] == [date(2026, 11, 26), date(2026, 11, 28)]


def test_days_are_named_in_both_languages_and_it_is_said_whether_adjustments_are_known():
    found = {day.day: day for day in DEFAULT_DAYS.named(date(2026, 2, 1), date(2026, 2, 28))}
    assert found[date(2026, 2, 17)].names == Names("春节", "Chinese New Year (Spring Festival)")
    assert found[date(2026, 2, 14)].works
    assert DEFAULT_DAYS.adjusted(2026)
    assert not DEFAULT_DAYS.adjusted(2049)


def test_what_is_wrong_with_a_roster_is_said_with_its_remedy():
    faulty = roster(
        Rotation((), date(2026, 1, 1), every_days=0),
        shifts=(Shift((), time(8), time(9), frozenset(), since=date(2026, 2, 1), until=date(2026, 1, 1)),),
        overrides=(Override("o", at("2026-01-02T00:00"), at("2026-01-01T00:00"), ()),),
    )
    said = list(roster_problems(faulty))
    assert len(said) == 7
    assert all("roster 'r'" in line or "override 'o'" in line for line in said)
    assert not list(roster_problems(roster(Rotation(("a",), date(2026, 1, 1)))))


def test_a_file_loaded_anew_keeps_overrides_and_what_was_made_elsewhere():
    override = Override("o", at("2026-01-01T00:00"), at("2026-01-02T00:00"), ("a",))
    laid = replace(roster(), laid=True, overrides=(override,), revision=4)
    made, gone = replace(roster(), id="made"), replace(roster(), id="gone", laid=True)
    named = replace(roster(Rotation(("a",), date(2026, 1, 1))), laid=True)
    found = {one.id: one for one in laid_over([laid, made, gone], [named])}
    assert set(found) == {"r", "made"}
    assert (found["r"].overrides, found["r"].revision, found["r"].rotations) == ((override,), 5, named.rotations)
