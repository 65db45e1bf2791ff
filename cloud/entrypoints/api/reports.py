"""Residents' reports over REST: by the code on the spot without login, at the desk for a caller, followed by a link."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.intake.known_here import SpotView
from cloud.application.intake.report_hazard import MAX_CONTACT, MAX_WORDS, Given, Reported
from cloud.application.tasks import say_more
from cloud.application.tasks.report_view import ReportRow, ReportView
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.witness import Verdict
from cloud.entrypoints.api import access
from cloud.entrypoints.api.access import CurrentMember, EstateId
from cloud.entrypoints.api.cursors import ThisPage
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.problems import documented, not_found
from cloud.entrypoints.api.tasks import Cause
from cloud.entrypoints.api.verification import Picture, bytes_of
from cloud.entrypoints.voice import carry, voice_of

router = Interface(tags=["reports"])
ANSWERS: Final = documented(
    HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS
)
Token = Annotated[str, Path(min_length=16, max_length=128)]
Limit = Annotated[int, Query(ge=1, le=200)]
Code = Annotated[str, Field(min_length=1, max_length=128)]


class Said(BaseModel):
    """What is reported at the place of a code. `same_as`: "this is mine too"; then no concern is needed."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    concern: Concern | None = None
    words: str = Field(default="", max_length=MAX_WORDS)
    contact: str = Field(default="", max_length=MAX_CONTACT, description="Kept among the personal data; never public.")
    same_as: str | None = Field(default=None, max_length=64)


class SaidHere(Said):
    """A code is good within its estate."""

    estate: str = Field(min_length=1, max_length=64)


class Judging(BaseModel):
    """What the reporter says of the result."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    words: str = Field(default="", max_length=MAX_WORDS)


class SaidSince(BaseModel):
    """What the reporter adds."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(min_length=1, max_length=say_more.MAX_WORDS)


@router.get(
    "/public/{estate}/spots", summary="What is known at a code, and what may be reported; public", responses=ANSWERS
)
def read_spot(
    estate: Annotated[str, Path(max_length=64)],
    code: Annotated[str, Query(min_length=1, max_length=128)],
    services: access.Given,
) -> SpotView:
    return services.known_here(estate, code)


@router.post("/public/reports", summary="Report a hazard; public", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def report(said: SaidHere, request: Request, response: Response, services: access.Given) -> Reported:
    """No login is needed; a resident who is signed in earns credit for what turns out to be so. Too many reports from one
    place are refused, except where life is at stake: what is known already is folded (`folded`, and no link to follow).
    """
    voice = voice_of(request, services, said.estate)
    carry(voice, response, services)
    given = Given(
        said.estate,
        said.code,
        said.concern,
        said.words,
        said.contact,
        said.same_as,
        device=voice.device,
        member_id=voice.member_id,
        too_many=voice.too_many,
    )
    return services.report(given)


@router.get("/public/reports/{token}", summary="What became of a report; by its link", responses=ANSWERS)
def follow(token: Token, services: access.Given) -> ReportView:
    return services.assurance.follow.read(token)


@router.post("/public/reports/{token}", summary="Judge the result; by its link", responses=ANSWERS)
def judge(token: Token, judging: Judging, services: access.Given) -> ReportView:
    return services.assurance.follow.judge(token, judging.verdict, judging.words)


@router.post(
    "/public/reports/{token}/words",
    summary="Say more, before it is done; by its link",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def say_more_of_it(token: Token, said: SaidSince, services: access.Given) -> ReportView:
    """Which floor, a child inside. The parties of the task read it; where life is at stake whoever leads is told at once."""
    return services.assurance.say_more(token, said.words)


@router.post(
    "/public/reports/{token}/photos",
    summary="Add a photo to a report; by its link",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def add_reporters_photo(token: Token, photo: Picture, services: access.Given) -> ReportView:
    return services.assurance.follow.photo(token, bytes_of(photo))


@router.get("/reports/mine", summary="What I reported, newest first", responses=ANSWERS)
def list_own_reports(
    services: access.Given, member: CurrentNeighbour, estate: SharedEstate, page: ThisPage, limit: Limit = 50
) -> list[ReportRow]:
    """Reported while signed in, by anybody of any role."""
    found = services.home.reports(estate, member, limit + 1, page.moment)
    return page.page(found.reports, limit, lambda one: (one.reported_at.isoformat(), one.id))


@router.post("/reports", summary="The desk reports for a caller", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def report_for_caller(
    said: Said, services: access.Given, member: CurrentMember, estate: EstateId, cause: Cause
) -> Reported:
    if estate not in member.estates:
        raise not_found("such estate")
    given = Given(estate, said.code, said.concern, said.words, said.contact, said.same_as, desk_id=member.member.id)
    return services.report(given, cause=cause)
