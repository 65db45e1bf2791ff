"""Rosters over REST: who is on duty, overrides, calendars in and out, and the days that are worked."""

from __future__ import annotations

from datetime import date, time
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Body, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.questions import HolidaysView, OnDutyView, RosterView
from cloud.domain.community.names import Names
from cloud.domain.community.public_days import DayRule
from cloud.domain.community.roster import Override, Roster, Rotation, Shift
from cloud.entrypoints.api import cursors, unchanged
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import documented, not_found
from cloud.entrypoints.api.tasks import Cause

router = Interface("/estates/{estate}", tags=["rosters"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)
CALENDAR: Final = "text/calendar"
_CALENDAR_ANSWER: Final = {**ANSWERS, 200: {"description": "An iCalendar file.", "content": {CALENDAR: {}}}}
_CALENDAR_BODY: Final = {"requestBody": {"required": True, "content": {CALENDAR: {"schema": {"type": "string"}}}}}

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
MemberId = Annotated[str, Field(min_length=1, max_length=128)]
Members = Annotated[list[MemberId], Field(min_length=1, max_length=64)]
PathId = Annotated[str, Path(max_length=64)]


class ThisEstate:
    """The estate in the path, where the member may see it; to anyone else it does not exist."""

    def __init__(
        self, estate: Annotated[str, Path(max_length=64)], member: CurrentMember, services: Given, cause: Cause
    ) -> None:
        if estate not in member.estates:
            raise not_found("such estate")
        self.id, self.member, self.reach, self.cause = estate, member, services.reach, cause


Here = Annotated[ThisEstate, Depends(ThisEstate)]


class RotationGiven(BaseModel):
    """Members in turn, each for `every_days` days from the hour of `handoff` on, by the estate's wall clock."""

    model_config = ConfigDict(extra="forbid")

    participants: Members
    starts_on: date
    handoff: time = time(8)
    every_days: int = Field(default=1, ge=1, le=366)
    only: DayRule = DayRule.EVERY_DAY

    def made(self) -> Rotation:
        return Rotation(tuple(self.participants), self.starts_on, _wall(self.handoff), self.every_days, self.only)


class ShiftGiven(BaseModel):
    """Weekly hours of the same members. An end that is not after the start is on the next day."""

    model_config = ConfigDict(extra="forbid")

    members: Members
    start: time
    end: time
    days: list[Annotated[int, Field(ge=1, le=7)]] = [1, 2, 3, 4, 5, 6, 7]
    only: DayRule = DayRule.EVERY_DAY
    since: date | None = None
    until: date | None = None

    def made(self) -> Shift:
        start, end = _wall(self.start), _wall(self.end)
        return Shift(tuple(self.members), start, end, frozenset(self.days), self.only, self.since, self.until)


class RosterGiven(BaseModel):
    """A roster without its overrides, which stay as they are."""

    model_config = ConfigDict(extra="forbid")

    party: MemberId
    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=200)
    rotations: list[RotationGiven] = Field(default=[], max_length=32)
    shifts: list[ShiftGiven] = Field(default=[], max_length=32)

    def made(self, estate: str, roster_id: str) -> Roster:
        rotations = tuple(rotation.made() for rotation in self.rotations)
        shifts = tuple(shift.made() for shift in self.shifts)
        return Roster(roster_id, estate, self.party, Names(self.zh, self.en), rotations, shifts)


class NewRoster(RosterGiven):
    """A roster, with the id it is to have."""

    id: Id


class OverrideGiven(BaseModel):
    """Who is on duty from then until then: instead of `replaces`, or instead of everybody."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Moment
    ends_at: Moment
    members: Members
    replaces: MemberId | None = None
    note: str = Field(default="", max_length=200)


Revision = Annotated[
    int | None, Query(ge=0, lt=2**31, description="The revision seen; refused with 409 where there is a newer one.")
]


@router.get("/rosters", summary="Rosters, with who is on duty by each now and next", responses=ANSWERS)
def list_rosters(here: Here, cut: cursors.Cut) -> list[RosterView]:
    return cut.of(here.reach.questions.rosters(here.id, here.member), lambda one: (one.roster.id,))


@router.post("/rosters", summary="A new roster", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_roster(given: NewRoster, here: Here) -> RosterView:
    here.reach.rosters.put(given.made(here.id, given.id), here.member, new=True, cause=here.cause)
    return here.reach.questions.roster(here.id, given.id, here.member)


@router.get("/rosters/{roster}", summary="One roster", responses=ANSWERS)
def read_roster(roster: PathId, here: Here, response: Response) -> RosterView:
    found = here.reach.questions.roster(here.id, roster, here.member)
    unchanged.tagged(response, unchanged.tag(found.roster.revision))
    return found


@router.put(
    "/rosters/{roster}",
    summary="Say anew who is on duty; overrides stay",
    responses={**ANSWERS, **unchanged.CHANGED},
)
def put_roster(
    roster: PathId,
    given: RosterGiven,
    here: Here,
    response: Response,
    *,
    seen: Revision = None,
    if_match: unchanged.IfMatch = None,
) -> RosterView:
    known = here.reach.questions
    matched = unchanged.seen_version(if_match, lambda: known.roster(here.id, roster, here.member).roster.revision)
    expected = seen if matched is None else matched
    here.reach.rosters.put(given.made(here.id, roster), here.member, new=False, seen=expected, cause=here.cause)
    return read_roster(roster, here, response)


@router.delete("/rosters/{roster}", summary="Remove a roster", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_roster(roster: PathId, here: Here) -> None:
    here.reach.rosters.remove(here.id, roster, here.member, cause=here.cause)


@router.post(
    "/rosters/{roster}/overrides", summary="Somebody stands in", status_code=HTTPStatus.CREATED, responses=ANSWERS
)
def add_override(roster: PathId, given: OverrideGiven, here: Here) -> Override:
    return here.reach.rosters.override(
        here.id,
        roster,
        here.member,
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        members=tuple(given.members),
        replaces=given.replaces,
        note=given.note,
        cause=here.cause,
    )


@router.delete(
    "/rosters/{roster}/overrides/{override}",
    summary="Take an override back",
    status_code=HTTPStatus.NO_CONTENT,
    responses=ANSWERS,
)
def remove_override(roster: PathId, override: PathId, here: Here) -> None:
    here.reach.rosters.end_override(here.id, roster, override, here.member, cause=here.cause)


@router.get("/rosters/{roster}/calendar.ics", summary="The roster as a calendar", responses=_CALENDAR_ANSWER)
def read_roster_calendar(roster: PathId, here: Here) -> Response:
    return Response(here.reach.questions.calendar(here.id, here.member, roster=roster), media_type=CALENDAR)


@router.post(
    "/rosters/{roster}/calendar",
    summary="Take a calendar in: events become overrides, recurring ones shifts",
    responses=ANSWERS,
    openapi_extra=_CALENDAR_BODY,
)
def take_calendar(roster: PathId, here: Here, content: Annotated[bytes, Body(media_type=CALENDAR)] = b"") -> RosterView:
    here.reach.rosters.take_calendar(here.id, roster, content, here.member, cause=here.cause)
    return here.reach.questions.roster(here.id, roster, here.member)


@router.get("/parties/{party}/on-duty", summary="Who of a party is called first, and who next", responses=ANSWERS)
def read_on_duty(
    party: Annotated[str, Path(max_length=128)],
    here: Here,
    at: Annotated[Moment | None, Query(description="By default now.")] = None,
) -> OnDutyView:
    return here.reach.questions.on_duty(here.id, party, here.member, at)


@router.get("/parties/{party}/calendar.ics", summary="All rosters of a party as a calendar", responses=_CALENDAR_ANSWER)
def read_party_calendar(party: Annotated[str, Path(max_length=128)], here: Here) -> Response:
    return Response(here.reach.questions.calendar(here.id, here.member, party=party), media_type=CALENDAR)


_OF_OUR_TIME: Final = {"pattern": r"^(19[5-9][0-9]|20[0-9][0-9])-[01][0-9]-[0-3][0-9]$"}
"""JSON Schema has no bounds for dates."""


@router.get("/holidays", summary="Days that are not what their weekday says", responses=ANSWERS)
def list_holidays(
    here: Here,
    since: Annotated[date, Query(ge=date(1950, 1, 1), le=date(2100, 1, 1), json_schema_extra=_OF_OUR_TIME)],
    until: Annotated[date, Query(ge=date(1950, 1, 1), le=date(2100, 1, 1), json_schema_extra=_OF_OUR_TIME)],
) -> HolidaysView:
    return here.reach.questions.holidays(here.id, here.member, since, until)


def _wall(given: time) -> time:
    """The hour by the estate's wall clock; an offset sent along has no meaning there."""
    return given.replace(tzinfo=None)
