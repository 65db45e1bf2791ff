"""Who would be reached, and where nobody would, over REST. Kinds of channels, never an address."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from cloud.application.asking.duty_views import CoverageView, ReachedView
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import documented
from schemas.hazards import HAZARD_PATTERN, Severity

router = Interface("/duties", tags=["duties"])


@router.get(
    "/reached",
    summary="Whom a hazard at a place would reach, call by call, as long as nobody answers",
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY),
)
def reached(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    hazard: Annotated[str, Query(pattern=HAZARD_PATTERN, max_length=64, description="Such as lift.entrapment.")],
    *,
    place: Annotated[str, Query(max_length=256, description="A place's path; by default the estate.")] = "",
    at: Annotated[Moment | None, Query(description="When, with its offset from UTC; by default now.")] = None,
    severity: Annotated[Severity | None, Query(description="By default the hazard's own.")] = None,
) -> ReachedView:
    return services.asked_duties.reached(estate, hazard, place, member, at=at, severity=severity)


@router.get("/coverage", summary="The hours of the next seven days in which a hazard would reach nobody surely")
def coverage(services: Given, member: CurrentMember, estate: EstateId) -> CoverageView:
    return services.asked_duties.coverage(estate, member)
