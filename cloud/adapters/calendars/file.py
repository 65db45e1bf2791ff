"""A roster's calendar as a file, and a file as overrides and shifts of a roster."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from cloud.adapters.calendars.blocks import Block, blocks
from cloud.application.rosters.calendar_files import CalendarRead, Edition
from cloud.domain.community.on_duty import Spell
from cloud.domain.community.party import Member
from cloud.domain.community.roster import EVERY_WEEKDAY, Override, Shift
from cloud.domain.duties.register import Register
from cloud.errors import Invalid

if TYPE_CHECKING:
    from icalendar import Event  # imported when a calendar is written or read: it takes 3 MiB

MAX_PROBLEMS: Final = 20
_PRODUCT: Final = "-//Tocsin//Rosters//EN"
_ADDRESS: Final = "tocsin:member:"
"""What an ATTENDEE of ours begins with: calendars that went out before named members by it."""
_WEEKDAYS: Final = {"MO": 1, "TU": 2, "WE": 3, "TH": 4, "FR": 5, "SA": 6, "SU": 7}
_DAY: Final = timedelta(days=1)
_MEMBER: Final = "X-TOCSIN-MEMBER"
_ASK_AGAIN: Final = timedelta(hours=1)
"""How soon a telephone asks again, so that a night that was swapped reaches it the same evening."""


class CalendarFile:
    """Implements `CalendarFiles`."""

    def write(self, edition: Edition, spells: Iterable[Spell], register: Register, now: datetime) -> bytes:
        from icalendar import Calendar

        calendar = Calendar()
        calendar.add("prodid", _PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        # Once as RFC 7986 has it, once as those know it that are older.
        calendar.add("refresh-interval", _ASK_AGAIN, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        calendar.add("x-wr-calname", f"{edition.title.zh} {edition.title.en}")
        for spell in spells:
            if spell.members:
                calendar.add_component(_event(edition, spell, register, now))
        return bytes(calendar.to_ical())

    def read(self, content: bytes, register: Register, party_id: str) -> CalendarRead:
        reading = _Reading(register, party_id)
        for block in blocks(content):
            reading.take(block)
        return reading.result()


def _event(edition: Edition, spell: Spell, register: Register, now: datetime) -> Event:
    """Who is on duty stands in a property of our own: a calendar that is published has no ATTENDEE (RFC 5545, 3.8.4.1)."""
    members = [register.members[name] for name in spell.members if name in register.members]
    from icalendar import Event

    event = Event()
    name, _, estate = edition.key.partition("@")
    event.add("uid", f"{name}-{spell.starts_at:%Y%m%dT%H%M%SZ}@{estate}.tocsin")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", spell.starts_at.astimezone(UTC))
    event.add("dtend", spell.ends_at.astimezone(UTC))
    event.add("summary", "、".join(f"{member.names.zh} {member.names.en}" for member in members))
    if edition.revision is not None:
        event.add("sequence", edition.revision)
    if edition.changed_at is not None:
        event.add("last-modified", edition.changed_at.astimezone(UTC))
    for member in members:
        event.add(_MEMBER, member.id)
    return event


class _Bad(Exception):  # noqa: N818 - it becomes a line of an answer
    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")


class _Reading:
    """Events into overrides and shifts; what cannot be taken is gathered, line by line."""

    def __init__(self, register: Register, party_id: str) -> None:
        self._zone = ZoneInfo(register.estate.time_zone)
        self._members = register.members_of(party_id)
        self._overrides: list[tuple[int, Override]] = []
        self._shifts: list[Shift] = []
        self._problems: list[str] = []

    def take(self, block: Block) -> None:
        try:
            self._take(block)
        except _Bad as bad:
            self._problems.append(str(bad))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
            # The library says what is wrong in these; whatever it is, this event is not one that can be believed. Of a
            # TZID such as "Asia", a folder of zones, the system says so.
            self._problems.append(f"line {block.line}: the event cannot be read ({str(error)[:120]}); write it anew")

    def result(self) -> CalendarRead:
        ordered = sorted(self._overrides, key=lambda one: one[1].starts_at)
        for (_, before), (line, after) in pairwise(ordered):
            if after.starts_at < before.ends_at:
                self._problems.append(f"line {line}: overlaps another event; put everybody into one event")
        if self._problems:
            more = len(self._problems) - MAX_PROBLEMS
            said = self._problems[:MAX_PROBLEMS] + ([f"and {more} more"] if more > 0 else [])
            raise Invalid("The calendar was not taken.", said)
        return CalendarRead(tuple(one for _, one in ordered), tuple(self._shifts))

    def _take(self, block: Block) -> None:
        from icalendar import Event

        event = Event.from_ical(block.text)
        if not isinstance(event, Event):
            raise _Bad(block.line, "is no event; write BEGIN:VEVENT … END:VEVENT")
        for name, why in event.errors:
            raise _Bad(block.at(str(name)), f"cannot be read ({str(why)[:120]}); write it as RFC 5545 has it")
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            return
        for name in ("RECURRENCE-ID", "EXDATE", "RDATE", "EXRULE"):
            if name in event:
                raise _Bad(block.at(name), f"{name} is not taken; write the exception as an event of its own")
        start, end = self._bounds(event, block)
        members = tuple(dict.fromkeys(self._named(event, block)))
        if "RRULE" in event:
            self._shifts.append(self._shift(event, block, start, end, members))
            return
        uid = str(event.get("UID", "")) or block.text
        key = hashlib.sha256(uid.encode()).hexdigest()[:32]
        if any(one.id == f"ics-{key}" for _, one in self._overrides):
            raise _Bad(block.at("UID"), "this UID stands twice; give each event its own")
        note = str(event.get("DESCRIPTION", ""))[:200]
        made = Override(f"ics-{key}", start.astimezone(UTC), end.astimezone(UTC), members, None, note)
        self._overrides.append((block.line, made))

    def _bounds(self, event: Event, block: Block) -> tuple[datetime, datetime]:
        start = self._moment(event, "DTSTART", block)
        if start is None:
            raise _Bad(block.line, "DTSTART is missing; say when the event begins")
        end = self._moment(event, "DTEND", block)
        lasts: Any = event.get("DURATION")
        if end is None and lasts is not None:
            end = (start.astimezone(UTC) + lasts.dt).astimezone(self._zone)
        begun: Any = event["DTSTART"]
        if end is None and not isinstance(begun.dt, datetime):
            end = datetime.combine(start.date() + _DAY, time(0), self._zone)
        if end is None or end <= start:
            raise _Bad(block.at("DTEND"), "the event does not end after it begins; correct DTSTART, DTEND or DURATION")
        return start, end

    def _moment(self, event: Event, name: str, block: Block) -> datetime | None:
        given: Any = event.get(name)
        if given is None:
            return None
        if isinstance(given, list):
            raise _Bad(block.at(name), f"{name} stands twice; keep one")
        value = given.dt
        if not isinstance(value, datetime):
            return datetime.combine(value, time(0), self._zone)
        if value.tzinfo is not None:
            return value.astimezone(self._zone)
        if "TZID" in given.params:
            raise _Bad(
                block.at(name), "the time zone is unknown; write an IANA name such as Asia/Shanghai, or UTC (…Z)"
            )
        return value.replace(tzinfo=self._zone)

    def _named(self, event: Event, block: Block) -> Iterator[str]:
        ours = _all(event, _MEMBER)
        attending = [one.removeprefix(_ADDRESS) for one in _all(event, "ATTENDEE") if one.startswith(_ADDRESS)]
        own = ours or attending
        for name in own or [part.strip() for part in re.split("[,;、，；/]", str(event.get("SUMMARY", "")))]:
            member = next((one for one in self._members if _is(one, name)), None)
            if member is None:
                line = block.at(_MEMBER if ours else "ATTENDEE" if own else "SUMMARY")
                raise _Bad(
                    line, f"{name[:60]!r} is no member of this party; write a member's id or name, commas between"
                )
            yield member.id

    def _shift(self, event: Event, block: Block, start: datetime, end: datetime, members: tuple[str, ...]) -> Shift:
        line = block.at("RRULE")
        rule: Any = event["RRULE"]
        if isinstance(rule, list):
            raise _Bad(line, "RRULE stands twice; keep one")
        parts: dict[str, list[Any]] = {str(key).upper(): list(value) for key, value in rule.items()}
        frequency = str(parts.pop("FREQ", [""])[0]).upper()
        weekdays = [str(day).upper() for day in parts.pop("BYDAY", [])]
        until = parts.pop("UNTIL", [None])[0]
        parts.pop("WKST", None)
        simple = frequency in ("DAILY", "WEEKLY") and parts.pop("INTERVAL", [1]) == [1]
        if not simple or parts or not set(weekdays) <= _WEEKDAYS.keys():
            raise _Bad(line, "only every day or every week is taken: FREQ=DAILY or FREQ=WEEKLY with BYDAY and UNTIL")
        if end - start > _DAY:
            raise _Bad(line, "a recurring event lasts at most a day; write longer ones singly, or as a rotation")
        plain = EVERY_WEEKDAY if frequency == "DAILY" else frozenset({start.isoweekday()})
        # A weekday is one where the event says its time: Monday 16:00 UTC begins on a Tuesday in China.
        begun: Any = event["DTSTART"]
        moved = (start.date() - begun.dt.date()).days if isinstance(begun.dt, datetime) else 0
        days = frozenset((_WEEKDAYS[day] - 1 + moved) % 7 + 1 for day in weekdays) or plain
        return Shift(members, start.time(), end.time(), days, since=start.date(), until=self._last(until, start.time()))

    def _last(self, until: Any, begins: time) -> date | None:
        """The last day on which it begins: a moment before its hour ends it the day before (RFC 5545, 3.3.10)."""
        if isinstance(until, datetime):
            local = until.astimezone(self._zone) if until.tzinfo else until
            return local.date() if local.time() >= begins else local.date() - _DAY
        return until if isinstance(until, date) else None


def _all(event: Event, name: str) -> list[str]:
    """Every value of a property that may stand several times."""
    given: Any = event.get(name, [])
    return [str(one) for one in (given if isinstance(given, list) else [given])]


def _is(member: Member, name: str) -> bool:
    known = (member.id, member.names.zh, member.names.en, f"{member.names.zh} {member.names.en}")
    return name in known
