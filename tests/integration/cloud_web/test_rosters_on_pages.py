"""Rosters on pages, without a script: the week with its gaps, turns and shifts, who stands in, calendars out and in."""

from __future__ import annotations

import html
import re

import icalendar
import pytest

from cloud.domain.community.access import Purpose
from cloud.domain.records.narrative import sentence

EN = {"lang": "en"}
TURN = {"turn": ["guard", "manager"], "starts_on": "2026-01-01", "handoff": "08:00", "every_days": "1"}
NIGHT = {"members": ["guard"], "days": ["1", "2", "3"], "start": "20:00", "end": "08:00"}


def kept(house):
    return {one.id: one for one in house.services.queries.register("example", None).rosters}


@pytest.fixture
def roster(house, manager) -> str:
    """A roster of the property by which its guard and its manager take turns."""
    made = manager.post("/rosters/of/property", data={**TURN, "zh": "保安", "en": "Guards"})
    assert made.status_code == 303, made.text
    return made.headers["location"]


def test_a_roster_is_made_and_its_week_is_read_by_everybody_in_both_languages(house, manager, roster, visitor):
    assert roster == "/rosters/property-1"
    page = manager.get(roster, params=EN).text
    assert "Duty guard → Duty manager" in html.unescape(page)
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    for language, words in (
        ("en", ("Rosters", "Duty guard", "Property office")),
        ("zh", ("值班表", "值班保安", "一周")),
    ):
        week = visitor.get("/rosters", params={"lang": language})
        assert week.status_code == 200, week.text
        for word in words:
            assert word in week.text
    assert "/rosters/of/" not in week.text, "a technician keeps no roster"


def test_gaps_of_the_week_are_marked_and_holidays_named(house, manager, roster):
    manager.post(f"{roster}/shifts", data={**NIGHT, "seen": "1"})
    manager.post(f"{roster}/drop", data={"part": "turn-0", "seen": "2"})
    (one,) = kept(house).values()
    assert (len(one.rotations), len(one.shifts), one.revision) == (0, 1, 3)
    week = manager.get("/rosters", params={**EN, "week": "2026-10-01"}).text
    assert "National Day" in week
    assert week.count('class="gap"') > 7
    # Three nights of 12 hours: of 168 hours 132 are nobody's, less the night that ran over from the Wednesday before.
    assert "nobody for 5 d" in week


def test_the_week_before_and_after_are_one_step_away(manager, roster):
    week = manager.get("/rosters", params={**EN, "week": "2026-11-26"}).text
    assert "23 Nov – 29 Nov 2026" in week
    assert {"week=2026-11-16", "week=2026-11-30"} <= set(re.findall(r"week=[\d-]+", week))
    assert manager.get("/rosters", params={"week": "1900-01-01"}).status_code == 422


def test_somebody_stands_in_and_gives_it_back(house, manager, roster):
    swap = {"starts": "2026-11-27T08:00", "ends": "2026-11-28T08:00", "replaces": "guard", "note": "leave"}
    swap["members"] = "manager"
    assert manager.post(f"{roster}/overrides", data=swap).status_code == 303
    (override,) = kept(house)["property-1"].overrides
    assert (override.members, override.replaces, override.starts_at.isoformat()) == (
        ("manager",), "guard", "2026-11-27T08:00:00+08:00"
    )  # fmt: skip
    assert "instead of everybody" not in (page := manager.get(roster, params=EN).text)
    assert "leave" in page
    assert manager.post(f"{roster}/overrides/{override.id}/end").status_code == 303
    assert kept(house)["property-1"].overrides == ()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (("overrides", {"starts": "2026-11-28T08:00", "ends": "2026-11-27T08:00", "members": "guard"}), "ends before it begins"),
        (("overrides", {"starts": "soon", "ends": "2026-11-27T08:00", "members": "guard"}), "no date and time"),
        (("overrides", {"starts": "2026-11-26T08:00", "ends": "2026-11-27T08:00"}), "name 1 to"),
        (("overrides", {"starts": "2026-11-26T08:00", "ends": "2026-11-27T08:00", "members": "technician"}), "no member of party"),
        (("turns", {"turn": "", "starts_on": "2026-01-01", "seen": "1"}), "participants"),
        (("turns", {"turn": "guard", "starts_on": "tomorrow", "seen": "1"}), "is no day"),
        (("shifts", {"members": "guard", "days": "1", "start": "8", "end": "x", "seen": "1"}), "is no hour"),
        (("shifts", {"members": "guard", "start": "08:00", "end": "20:00", "seen": "1"}), "days are 1"),
        (("calendar", {}), "Choose a file first"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_on_the_page_and_changes_nothing(house, manager, roster, form, said):
    before, (deed, data) = kept(house), form
    refused = manager.post(f"{roster}/{deed}", params=EN, data=data)
    assert refused.status_code == 422
    assert said in html.unescape(refused.text)
    assert kept(house) == before


def test_who_was_slower_is_told_and_nothing_is_lost(house, manager, roster):
    assert manager.post(f"{roster}/shifts", data={**NIGHT, "seen": "1"}).status_code == 303
    late = manager.post(f"{roster}/drop", params=EN, data={"part": "turn-0", "seen": "1"})
    assert late.status_code == 409
    assert "you saw 1" in late.text
    assert len(kept(house)["property-1"].rotations) == 1
    assert manager.post(f"{roster}/drop", data={"part": "turn-7", "seen": "2"}).status_code == 409


def test_an_address_is_subscribed_to_without_signing_in_until_it_is_taken_back(house, manager, roster, visitor):
    made = manager.post(f"{roster}/addresses", params=EN)
    address = re.search(r"/feeds/calendars/[\w-]+", made.text)[0]
    assert "webcal://" in made.text
    visitor.cookies.clear()
    feed = visitor.get(address)
    assert (feed.status_code, feed.headers["content-type"].partition(";")[0]) == (200, "text/calendar")
    assert icalendar.Calendar.from_ical(feed.content).walk("VEVENT")
    token = address.rpartition("/")[2]
    assert visitor.get("/api/v1/estates", headers={"authorization": f"Bearer {token}"}).status_code == 401
    visitor.cookies.set("tocsin_session", token)
    assert visitor.get("/rosters").status_code == 401
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    assert token not in manager.get(roster).text
    (key,) = house.services.reach.links.mine("example", "property-1", house.identity("manager"))
    assert key.purpose is Purpose.CALENDAR
    assert manager.post(f"{roster}/addresses/{key.id}/end").status_code == 303
    register = house.services.queries.register("example", None)
    told = [sentence(one, register).en for one in house.services.queries.ledger_entries("example", 0, None)]
    assert [one for one in told if "address of a calendar" in one] == [
        "an address of a calendar was given out for member manager", "an address of a calendar of member manager was revoked"
    ]  # fmt: skip
    assert visitor.get(address).status_code == 404
    assert visitor.get("/feeds/calendars/guessed").status_code == 404


def test_an_address_opens_nothing_once_its_roster_is_gone(manager, roster):
    address = re.search(r"/feeds/calendars/[\w-]+", manager.post(f"{roster}/addresses").text)[0]
    assert manager.post(f"{roster}/remove").headers["location"] == "/rosters"
    assert manager.get(address).status_code == 404
    assert manager.get(roster).status_code == 404


def test_a_calendar_is_taken_in_or_told_what_is_wrong_in_it(house, manager, roster):
    event = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261127T000000Z\r\nDTEND:20261127T080000Z\r\nSUMMARY:{}\r\nEND:VEVENT\r\n"
    )
    file = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{}END:VCALENDAR\r\n"
    wrong = {"file": ("a.ics", file.format(event.format("nobody-here")).encode(), "text/calendar")}
    refused = manager.post(f"{roster}/calendar", params=EN, files=wrong)
    assert refused.status_code == 422
    assert "nobody-here" in refused.text
    right = {"file": ("a.ics", file.format(event.format("guard")).encode(), "text/calendar")}
    assert manager.post(f"{roster}/calendar", files=right).status_code == 303
    assert [one.members for one in kept(house)["property-1"].overrides] == [("guard",)]


def test_who_keeps_no_roster_sees_no_form_and_is_refused(house, manager, roster, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    page = visitor.get(roster, params=EN).text
    assert "Add the stand-in" not in page
    assert 'action="/rosters/property-1/drop' not in page
    assert visitor.post(f"{roster}/remove").status_code == 403
    assert visitor.post(f"{roster}/drop", data={"part": "turn-0", "seen": "1"}).status_code == 403
    assert visitor.post("/rosters/of/property", data=TURN).status_code in {403, 422}
    assert set(kept(house)) == {"property-1"}
    back = visitor.get(f"{roster}/overrides")
    assert (back.status_code, back.headers["location"]) == (303, roster)
