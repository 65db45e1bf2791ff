"""Rosters as iCalendar files and back (people.md, Feeds: iCalendar)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.calendars import CalendarFile
from cloud.application.rosters.calendar_files import Edition
from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import Spell, on_duty, spells
from cloud.domain.community.roster import Override, Roster, Rotation, Shift
from cloud.errors import Invalid
from tests.fakes.clocks import START
from tests.fakes.estate import register

SHANGHAI = ZoneInfo("Asia/Shanghai")
REGISTER = register()
DAYS = REGISTER.estate.days
NAMES = Names("保安值班", "Guards' duty")
FILE = CalendarFile()
EDITION = Edition("roster-r@example", NAMES, 3, START)

people = st.lists(st.sampled_from(["manager", "guard"]), min_size=1, max_size=2, unique=True).map(tuple)
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
rosters = st.builds(
    lambda turns, weekly, overrides: Roster("r", "example", "property", NAMES, tuple(turns), tuple(weekly), overrides),
    st.lists(st.builds(Rotation, people, st.just(date(2026, 11, 1)), clock_times, st.integers(1, 9)), max_size=2),
    st.lists(st.builds(Shift, people, clock_times, clock_times, st.frozensets(st.integers(1, 7), min_size=1)), max_size=2),
    st.lists(
        st.builds(
            lambda start, minutes, who: Override(
                f"o{start}", START + timedelta(minutes=start), START + timedelta(minutes=start + minutes), who
            ),
            st.integers(0, 5000), st.integers(1, 5000), people,
        ),
        max_size=2, unique_by=lambda override: override.id,
    ).map(tuple),
)  # fmt: skip


def calendar(*lines: str) -> bytes:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", "")).encode()


def event(*lines: str, start: str = "DTSTART:20261126T000000Z", end: str = "DTEND:20261126T080000Z") -> tuple[str, ...]:
    return ("BEGIN:VEVENT", "UID:1", start, end, "SUMMARY:guard", *lines, "END:VEVENT")


def refused(content: bytes) -> tuple[str, ...]:
    with pytest.raises(Invalid) as caught:
        FILE.read(content, REGISTER, "property")
    return caught.value.problems


def objections(content: bytes) -> tuple[str, ...]:
    """What is said against it; nothing where it is taken. Any error but a refusal is one of ours."""
    try:
        FILE.read(content, REGISTER, "property")
    except Invalid as error:
        return error.problems or ("",)
    return ()


@given(rosters)
@settings(max_examples=40, deadline=None)
def test_a_roster_that_went_out_and_came_back_says_the_same_at_every_moment(roster):
    start, end = START, START + timedelta(days=9)
    found = list(spells([roster], start, end, SHANGHAI, DAYS))
    read = FILE.read(FILE.write(EDITION, found, REGISTER, START), REGISTER, "property")
    again = replace(roster, rotations=(), shifts=(), overrides=read.overrides)
    assert not read.shifts
    for spell in found:
        for moment in (spell.starts_at, spell.ends_at - timedelta(seconds=1)):
            assert on_duty(again, moment, SHANGHAI, DAYS) == spell.members


def test_what_goes_out_is_a_calendar_that_others_read():
    weekly = Roster(
        "r", "example", "property", NAMES, (Rotation(("manager", "guard"), date(2026, 11, 16), time(9), 7),)
    )
    found = list(spells([weekly], START, START + timedelta(days=14), SHANGHAI, DAYS))
    content = FILE.write(EDITION, found, REGISTER, START)
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    parsed = icalendar.Calendar.from_ical(content)
    events = parsed.walk("VEVENT")
    assert [str(one["SUMMARY"]) for one in events] == ["guard guard", "manager manager", "guard guard"]
    assert events[1]["DTSTART"].dt == datetime(2026, 11, 30, 1, tzinfo=UTC)
    assert len({str(one["UID"]) for one in events}) == 3
    assert [str(one["X-TOCSIN-MEMBER"]) for one in events] == ["guard", "manager", "guard"]
    assert {(one["SEQUENCE"], one["LAST-MODIFIED"].dt) for one in events} == {(3, START)}
    assert content == FILE.write(EDITION, found, REGISTER, START)


def test_a_calendar_that_is_published_invites_nobody_and_is_asked_for_again_within_the_hour():
    """RFC 5545, section 3.8.4.1: no ATTENDEE; RFC 7986, section 5.7."""
    found = [Spell(START, START + timedelta(hours=8), ("guard", "manager"))]
    lines = FILE.write(EDITION, found, REGISTER, START).decode().split("\r\n")
    assert {"METHOD:PUBLISH", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"} <= set(lines)
    assert not [line for line in lines if line.startswith(("ATTENDEE", "ORGANIZER"))]
    assert [line for line in lines if line.startswith("X-TOCSIN-MEMBER")] == [
        "X-TOCSIN-MEMBER:guard",
        "X-TOCSIN-MEMBER:manager",
    ]
    several = FILE.write(Edition("party-property@example", NAMES), found, REGISTER, START)
    assert b"SEQUENCE" not in several
    assert b"LAST-MODIFIED" not in several


def test_who_is_on_duty_is_read_as_it_is_written_now_and_as_it_was_before():
    for lines in (("X-TOCSIN-MEMBER:manager",), ("ATTENDEE;CN=x:tocsin:member:manager",)):
        assert FILE.read(calendar(*event(*lines)), REGISTER, "property").overrides[0].members == ("manager",)
    both = event("ATTENDEE:mailto:x@example.org", "X-TOCSIN-MEMBER:manager", "X-TOCSIN-MEMBER:guard")
    assert FILE.read(calendar(*both), REGISTER, "property").overrides[0].members == ("manager", "guard")
    (said,) = refused(calendar(*event("X-TOCSIN-MEMBER:nobody")))
    assert said.startswith("line 9: 'nobody' is no member")


def test_a_weekly_event_comes_in_as_a_shift():
    lines = event(
        "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20270101T000000Z",
        start="DTSTART;TZID=Asia/Shanghai:20261123T200000", end="DTEND;TZID=Asia/Shanghai:20261124T080000",
    )  # fmt: skip
    read = FILE.read(calendar(*lines), REGISTER, "property")
    until = date(2026, 12, 31)  # In Shanghai it ends on 1 January at 8, and that day's shift would begin at 20.
    assert read.shifts == (
        Shift(("guard",), time(20), time(8), frozenset({1, 5}), since=date(2026, 11, 23), until=until),
    )


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270101", date(2027, 1, 1)),
        ("20270101T120000Z", date(2027, 1, 1)),
        ("20270101T115959Z", date(2026, 12, 31)),
        ("20261231T160000Z", date(2026, 12, 31)),
        ("20270101T195959", date(2026, 12, 31)),
        ("20270101T200000", date(2027, 1, 1)),
    ],
)
def test_a_recurring_event_is_taken_for_the_last_time_when_it_last_begins(until, last):
    """RFC 5545, 3.3.10: no instance after UNTIL; whoever reads one more has somebody on duty who knows nothing of it."""
    lines = event(
        f"RRULE:FREQ=DAILY;UNTIL={until}",
        start="DTSTART;TZID=Asia/Shanghai:20261123T200000", end="DTEND;TZID=Asia/Shanghai:20261124T080000",
    )  # fmt: skip
    (shift,) = FILE.read(calendar(*lines), REGISTER, "property").shifts
    assert shift.until == last


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("DTSTART:20261123T160000Z", "DTEND:20261124T000000Z", {2, 7}),
        ("DTSTART:20261123T010000Z", "DTEND:20261123T090000Z", {1, 6}),
        ("DTSTART;TZID=America/New_York:20261123T190000", "DTEND;TZID=America/New_York:20261124T030000", {2, 7}),
        ("DTSTART;TZID=Pacific/Kiritimati:20261123T030000", "DTEND;TZID=Pacific/Kiritimati:20261123T110000", {7, 5}),
    ],
)
def test_the_weekdays_of_a_recurring_event_are_those_of_where_its_time_is_said(start, end, days):
    """RFC 5545, 3.8.5.3: what begins on Monday at 16:00 UTC begins on Tuesday at 0:00 in the estate."""
    lines = event("RRULE:FREQ=WEEKLY;BYDAY=MO,SA", start=start, end=end)
    (shift,) = FILE.read(calendar(*lines), REGISTER, "property").shifts
    assert shift.days == days


def test_days_and_times_without_zone_are_the_estates_own():
    lines = event(start="DTSTART;VALUE=DATE:20261126", end="DTEND;VALUE=DATE:20261127")
    assert FILE.read(calendar(*lines), REGISTER, "property").overrides[0].starts_at == datetime(
        2026, 11, 25, 16, tzinfo=UTC
    )
    lines = event(start="DTSTART:20261126T090000", end="DURATION:PT90M")
    found = FILE.read(calendar(*lines), REGISTER, "property").overrides[0]
    assert (found.starts_at, found.ends_at) == (
        datetime(2026, 11, 26, 1, tzinfo=UTC),
        datetime(2026, 11, 26, 2, 30, tzinfo=UTC),
    )


def test_names_in_the_summary_do_and_what_is_cancelled_is_left_out():
    lines = (*event("STATUS:CANCELLED"), *(line.replace("SUMMARY:guard", "SUMMARY:guard、manager") for line in event()))
    assert FILE.read(calendar(*lines), REGISTER, "property").overrides[0].members == ("guard", "manager")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("BEGIN:VEVENT", "UID:1", "DTSTART:20261126T000000Z", "DTEND:20261126T080000Z", "SUMMARY:nobody", "END:VEVENT"), "line 8: 'nobody' is no member"),
        (event("RRULE:FREQ=MONTHLY;BYMONTHDAY=1"), "line 9: only every day or every week"),
        (event("RRULE:FREQ=SECONDLY"), "line 9: only every day or every week"),
        (event("RRULE:FREQ=DAILY;COUNT=99999999999"), "line 9: cannot be read"),
        (event("RRULE:FREQ=DAILY;COUNT=9"), "line 9: only every day or every week"),
        (event("EXDATE:20261126T000000Z"), "line 9: EXDATE is not taken"),
        (event(end="DTEND:20261125T080000Z"), "line 7: the event does not end"),
        (event(start="X-NOTHING:1"), "line 4: DTSTART is missing"),
        (event(start="DTSTART;TZID=Mars/Olympus:20261126T000000"), "line 6: the time zone is unknown"),
        (event(start="DTSTART:tomorrow"), "line 6: cannot be read"),
        ((*event(), *(line.replace("UID:1", "UID:2") for line in event())), "line 10: overlaps another event"),
        ((*event(), *event()), "line 11: this UID stands twice"),
        (("BEGIN:VEVENT", "UID:1"), "line 6: END:VCALENDAR ends what was not begun"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_said_with_its_line(lines, said):
    assert any(problem.startswith(said) for problem in refused(calendar(*lines))), refused(calendar(*lines))


def test_what_is_no_calendar_or_too_large_is_refused_before_it_is_read():
    assert refused(b"hello")[0].startswith("line 1:")
    assert refused(b"\xff\xfe")[0].startswith("byte 0:")
    assert "KiB" in refused(b"BEGIN:VCALENDAR\n" + b"x" * 300_000)[0]
    assert "events" in refused(calendar(*(line for _ in range(501) for line in event())))[0]
    assert "nested" in refused(calendar(*["BEGIN:VEVENT"] * 20))[0]
    assert "fold" in refused(calendar(*event("DESCRIPTION:" + "x" * 9000)))[0]


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
@settings(deadline=None)
def test_whatever_is_in_an_event_it_is_taken_or_refused_in_a_sentence(rubbish):
    content = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n" + rubbish + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    for given_ in (content, rubbish):
        assert all(len(problem) > 10 for problem in objections(given_))


keys = st.sampled_from(
    [
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "SUMMARY",
        "ATTENDEE",
        "X-TOCSIN-MEMBER",
        "UID",
        "STATUS",
        "DTSTART;TZID=UTC",
    ]
)
values = st.sampled_from(
    ["20261126T000000Z", "20261126", "99991231T235959Z", "00010101T000000Z", "PT1H", "-P99999999D", "guard", "tocsin:member:guard",
     "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=WEEKLY;INTERVAL=0", "FREQ=DAILY;UNTIL=x", "P1W", "", "\\,;", "20260230"]
)  # fmt: skip


@given(st.lists(st.tuples(keys, values), max_size=7))
@settings(deadline=None)
def test_whatever_properties_meet_in_an_event_it_is_taken_or_refused_in_a_sentence(lines):
    content = calendar("BEGIN:VEVENT", *(f"{key}:{value}" for key, value in lines), "END:VEVENT")
    assert all(len(problem) > 10 for problem in objections(content))


@pytest.mark.parametrize("zone", ["Asia", "America/Argentina", "../../etc", ".", "Etc\x00"])
def test_a_zone_that_is_a_folder_of_zones_is_refused_like_any_that_is_unknown(zone):
    """The system answers that it is a folder, where it answers for others that there is none (found by tests/fuzz)."""
    (said,) = refused(calendar(*event(start=f"DTSTART;TZID={zone}:20261126T000000")))
    assert said.startswith("line ")
