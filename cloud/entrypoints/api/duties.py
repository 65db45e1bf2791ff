"""The duty matrix over REST: taken out as YAML, tried on what happened, put in force as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Body, Query, Response

from cloud.application.estates.change_duties import Changed
from cloud.domain.duties.dry_run import Answer, Difference
from cloud.entrypoints.api import unchanged
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented
from schemas.hazards import Severity

router = Interface("/duties", tags=["duties"])

YAML: Final = "application/yaml"
LONGEST: Final = 512 * 1024
ANSWERS: Final = documented(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
Matrix = Annotated[
    str, Body(media_type=YAML, max_length=LONGEST, description="A YAML list of rows, as `GET` gives it.")
]


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """A past incident that would have been answered otherwise."""

    incident_id: str
    hazard: str
    severity: Severity
    place_id: str
    opened_at: datetime
    before: Answer
    after: Answer
    lead_changes: bool
    orphaned: bool

    @classmethod
    def of(cls, one: Difference) -> DifferenceShown:
        case = one.case
        return cls(
            case.incident_id, case.hazard, case.severity, case.place_id, case.opened_at, one.before, one.after,
            one.lead_changes, one.orphaned,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TriedShown:
    """`cases`: incidents looked at since then. `warnings`: what of the matrix will not hold as it stands."""

    cases: int
    since: datetime
    differences: list[DifferenceShown]
    warnings: list[str]


@router.get(
    "/matrix",
    summary="The matrix as YAML; its version in the header Duties-Version",
    response_class=Response,
    responses={200: {"content": {YAML: {}}}},
)
def export(services: Given, member: CurrentMember, estate: EstateId) -> Response:
    del member
    exported = services.duties.export(estate)
    return Response(
        exported.text,
        media_type=YAML,
        headers={"Duties-Version": str(exported.version), "ETag": unchanged.tag(exported.version)},
    )


@router.put(
    "/matrix",
    summary="Put a matrix in force; running tasks keep the duty they began with",
    responses={**ANSWERS, **unchanged.CHANGED},
)
def replace(  # noqa: PLR0917 - the version seen may be said in two ways
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    matrix: Matrix,
    seen: Annotated[int | None, Query(ge=0, description="The version seen; 409 where there is a newer one.")] = None,
    if_match: unchanged.IfMatch = None,
) -> Changed:
    matched = unchanged.seen_version(if_match, lambda: services.duties.export(estate).version)
    return services.duties.replace(estate, matrix, member.member, seen=seen if matched is None else matched)


@router.post("/matrix/dry-run", summary="What a changed matrix would have meant; changes nothing", responses=ANSWERS)
def dry_run(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    matrix: Matrix,
    days: Annotated[int, Query(ge=1, le=366, description="How far back.")] = 30,
) -> TriedShown:
    tried = services.duties.dry_run(estate, matrix, member.member, days=days)
    return TriedShown(
        tried.cases, tried.since, [DifferenceShown.of(one) for one in tried.differences], list(tried.warnings)
    )
