"""A week of rosters party by party, and the addresses under which calendar programs find one."""

from __future__ import annotations

from datetime import date, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.calendars import CalendarFile
from cloud.application.estates.sign_in import SignIn
from cloud.application.rosters.calendar_links import MOST, CalendarLinks
from cloud.application.rosters.questions import RosterQuestions
from cloud.application.rosters.week import RosterWeek
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.errors import Conflict, Invalid, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene

MONDAY = date(2026, 11, 23)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHTS = Roster("nights", ESTATE, "property", Names("夜班", "Nights"), shifts=(Shift(("guard",), time(20), time(8)),))
DAYS = Roster("days", ESTATE, "property", Names("日班", "Days"), shifts=(Shift(("manager",), time(8), time(20)),))


def keeping(*rosters: Roster) -> Scene:
    scene = Scene()
    with scene.units.writing() as uow:
        for roster in rosters:
            uow.rosters.save(roster)
        uow.commit()
    return scene


def week(scene: Scene, day: date = MONDAY, **asked: str):
    return RosterWeek(scene.units).week(ESTATE, scene.identity("guard"), day, **asked)


def test_by_day_nobody_is_on_duty_where_only_the_nights_are_on_the_roster():
    view = week(keeping(NIGHTS), MONDAY + timedelta(days=3))
    (party,) = view.parties
    assert [one.day for one in view.days] == [MONDAY + timedelta(days=n) for n in range(7)]
    assert party.gaps == timedelta(hours=7 * 12)
    hours = [(f"{one.starts_at.astimezone(SHANGHAI):%H}", [who.id for who in one.members]) for one in party.days[2]]
    assert hours == [("00", ["guard"]), ("08", []), ("20", ["guard"])]


def test_all_rosters_of_a_party_make_its_week_and_one_alone_its_own():
    scene = keeping(NIGHTS, DAYS)
    (both,) = week(scene).parties
    assert (both.gaps, [one.id for one in both.rosters]) == (timedelta(), ["days", "nights"])
    alone = week(scene, roster="days")
    assert (alone.parties[0].gaps, list(alone.unrostered)) == (timedelta(hours=84), [])


def test_parties_without_a_roster_say_how_many_are_called_and_who_may_make_one():
    scene = keeping(NIGHTS)
    found = {one.party_id: (one.people, one.may_keep) for one in week(scene).unrostered}
    assert found["lift-firm"] == (2, False)
    assert "property" not in found
    seen = RosterWeek(scene.units).week(ESTATE, scene.identity("foreman"), MONDAY).unrostered
    assert {one.party_id for one in seen if one.may_keep} == {"lift-firm"}


def test_public_holidays_and_worked_weekends_are_named():
    view = week(keeping(NIGHTS), date(2026, 10, 1))
    named = {one.day: one.named.works for one in view.days if one.named}
    assert named[date(2026, 10, 1)] is False
    assert not next(one for one in view.days if one.day == date(2026, 10, 1)).works


def test_what_there_is_not_is_refused():
    scene = keeping(NIGHTS)
    with pytest.raises(NotFound, match="no roster 'x'"):
        week(scene, roster="x")
    with pytest.raises(Invalid):
        week(scene, date(1800, 1, 1))


@settings(max_examples=30, deadline=None)
@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.times(), st.times())
def test_the_stretches_of_a_day_fill_it_without_gap_or_overlap(day, start, end):
    roster = Roster("any", ESTATE, "property", Names("甲", "Any"), shifts=(Shift(("guard",), start, end),))
    view = week(keeping(roster), day)
    for shown, stretches in zip(view.days, view.parties[0].days, strict=True):
        ends = [shown.starts_at, *(one.ends_at for one in stretches)]
        assert [one.starts_at for one in stretches] == ends[:-1]
        assert ends[-1] == shown.ends_at


def links(scene: Scene) -> CalendarLinks:
    numbers = count(1)
    sign_in = SignIn(scene.units, scene.clock, lambda: f"token-{next(numbers)}")
    return CalendarLinks(scene.units, scene.clock, sign_in, RosterQuestions(scene.units, scene.clock, CalendarFile()))


def test_an_address_opens_its_roster_alone_and_nothing_once_the_roster_is_gone():
    scene = keeping(NIGHTS, DAYS)
    made = links(scene)
    issued = made.make(ESTATE, "nights", scene.identity("guard"))
    assert b"X-WR-CALNAME:" in made.read(issued.token)
    assert b"Nights" in made.read(issued.token)
    assert [key.id for key in made.mine(ESTATE, "nights", scene.identity("guard"))] == [issued.key.id]
    assert list(made.mine(ESTATE, "days", scene.identity("guard"))) == []
    assert list(made.mine(ESTATE, "nights", scene.identity("manager"))) == []
    with scene.units.writing() as uow:
        uow.rosters.remove(ESTATE, "nights")
        uow.commit()
    with pytest.raises(NotFound):
        made.read(issued.token)


def test_no_address_is_made_for_what_there_is_not_nor_beyond_a_number():
    scene = keeping(NIGHTS)
    made, guard = links(scene), scene.identity("guard")
    with pytest.raises(NotFound):
        made.make(ESTATE, "x", guard)
    for _ in range(MOST):
        made.make(ESTATE, "nights", guard)
    with pytest.raises(Conflict, match="Take one back"):
        made.make(ESTATE, "nights", guard)
    with pytest.raises(NotFound, match="no calendar at this address"):
        made.read("guessed")


def test_an_api_tokens_secret_opens_no_calendar():
    scene = keeping(NIGHTS)
    sign_in = SignIn(scene.units, scene.clock, lambda: "a-token")
    sign_in.issue_api_token("guard", label="x", scopes={"read"})
    with pytest.raises(NotFound):
        links(scene).read("a-token")
