"""A roster's calendar (RFC 5545): taken into shifts and overrides that hold together, or refused line by line."""

from __future__ import annotations

from itertools import pairwise

from cloud.adapters.calendars import CalendarFile
from cloud.errors import Invalid
from tests.fakes.estate import register
from tests.fuzz.target import Target, said

FILE, REGISTER = CalendarFile(), register()


def one(data: bytes) -> bool:
    try:
        read = FILE.read(data, REGISTER, "property")
    except Invalid as error:
        for problem in error.problems:
            said(problem)
        return False
    for override in read.overrides:
        assert override.starts_at < override.ends_at
    for before, after in pairwise(sorted(read.overrides, key=lambda one: one.starts_at)):
        assert before.ends_at <= after.starts_at
    return True


def _calendar(*events: str) -> bytes:
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", "")
    return "\r\n".join(lines).encode()


_ONCE = ("BEGIN:VEVENT", "UID:1", "DTSTART:20261126T000000Z", "DURATION:PT8H", "SUMMARY:guard", "END:VEVENT")
_WEEKLY = (
    "BEGIN:VEVENT", "UID:2", "DTSTART;TZID=Asia/Shanghai:20261126T200000", "DTEND;TZID=Asia/Shanghai:20261127T080000",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20271231T000000Z", "X-TOCSIN-MEMBER:manager", "END:VEVENT",
)  # fmt: skip
TARGET = Target([_calendar(*_ONCE), _calendar(*_WEEKLY), _calendar(*_ONCE, *_WEEKLY)], one)
