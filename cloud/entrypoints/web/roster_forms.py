"""What the forms about rosters hold, as turns, shifts and moments. Everything raises Invalid with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time
from itertools import count
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Form

from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.community.public_days import DayRule
from cloud.domain.community.roster import Roster, Rotation, Shift
from cloud.entrypoints.web.posting import PartyIds
from cloud.errors import Conflict, Invalid

REFUSED: Final = "The roster was not changed."
Hour = Annotated[str, Form(max_length=8)]
Day = Annotated[str, Form(max_length=16)]
Rule = Annotated[DayRule, Form()]


class GivenTurn:
    """Members in turn: in the order of the fields, those left empty passed over."""

    def __init__(
        self,
        starts_on: Day,
        handoff: Hour = "08:00",
        every_days: Annotated[int, Form(ge=1, le=366)] = 1,
        *,
        turn: PartyIds = [],  # noqa: B006 - FastAPI copies it
        only: Rule = DayRule.EVERY_DAY,
    ) -> None:
        self._people, self._starts, self._handoff = tuple(filter(None, turn)), starts_on, handoff
        self._every, self._only = every_days, only

    def added(self, roster: Roster) -> Roster:
        rotation = Rotation(
            self._people, _day("starts_on", self._starts), _hour("handoff", self._handoff), self._every, self._only
        )
        return replace(roster, rotations=(*roster.rotations, rotation))


class GivenShift:
    """The same members every week."""

    def __init__(
        self,
        start: Hour,
        end: Hour,
        *,
        members: PartyIds = [],  # noqa: B006 - as above
        days: Annotated[list[Annotated[int, Form(ge=1, le=7)]], Form(max_length=7)] = [],  # noqa: B006 - as above
        only: Rule = DayRule.EVERY_DAY,
    ) -> None:
        self._members, self._start, self._end, self._days, self._only = tuple(members), start, end, days, only

    def added(self, roster: Roster) -> Roster:
        shift = Shift(
            self._members, _hour("start", self._start), _hour("end", self._end), frozenset(self._days), self._only
        )
        return replace(roster, shifts=(*roster.shifts, shift))


def with_part(roster: Roster, given: GivenTurn | GivenShift) -> Roster:
    return given.added(roster)


def without_part(roster: Roster, part: str) -> Roster:
    """`part`: `turn-0` or `shift-2`, counted in the revision that was seen. Raises Conflict where it is gone."""
    kind, _, number = part.partition("-")
    known = {"turn": roster.rotations, "shift": roster.shifts}.get(kind, ())
    at = int(number) if number.isdecimal() else -1
    if not 0 <= at < len(known):
        raise Conflict("This part of the roster is gone already: look again.", "值班表的这部分已不存在，请刷新")
    if kind == "turn":
        return replace(roster, rotations=(*roster.rotations[:at], *roster.rotations[at + 1 :]))
    return replace(roster, shifts=(*roster.shifts[:at], *roster.shifts[at + 1 :]))


def new_roster(estate: str, party: str, names: Names, turn: GivenTurn, taken: Collection[str]) -> Roster:
    """With a name in one language at least, and an id that is free."""
    zh, en = names.zh.strip(), names.en.strip()
    if not zh and not en:
        raise Invalid(REFUSED, [fault("no-name")])
    stem = re.sub(r"[^a-z0-9]+", "-", party.lower()).strip("-")[:48] or "roster"
    free = next(name for number in count(1) if (name := f"{stem}-{number}") not in taken)
    return turn.added(Roster(free, estate, party, Names(zh or en, en or zh)))


def local_moment(field: str, text: str, zone: ZoneInfo) -> datetime:
    """What `<input type="datetime-local">` sends, by the estate's clock."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        raise Invalid(REFUSED, [fault("no-moment", field=field, text=text)]) from None


def _day(field: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(REFUSED, [fault("no-day", field=field, text=text)]) from None


def _hour(field: str, text: str) -> time:
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise Invalid(REFUSED, [fault("no-hour", field=field, text=text)]) from None
