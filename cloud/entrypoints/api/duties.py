"""The duty matrix over REST: taken out as YAML, tried on what happened, put in force as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Body, Query, Response

from cloud.application.estates.change_duties import UNREPLAYED
from cloud.domain.duties.dry_run import Answer, Difference
from cloud.entrypoints.api import unchanged
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import Refusal, documented
from cloud.entrypoints.guarded_sizes import MAX_DOCUMENT
from schemas.hazards import Severity

router = Interface("/duties", tags=["duties"])

YAML: Final = "application/yaml"
LONGEST: Final = MAX_DOCUMENT
ANSWERS: Final = documented(HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
Days = Annotated[int, Query(ge=1, le=366, description="How far back past incidents are tried.")]
_UNTRIED: Final = (
    "A matrix is replayed on past incidents before it takes effect. POST it to /duties/matrix/dry-run, read the differences and put it"
    f" with the `replayed` of that answer; or with replayed={UNREPLAYED}, to have it in force although nobody has seen them."
)
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
    """`cases`: incidents looked at since then. `warnings`: what of the matrix will not hold as it stands. `replayed`: the mark
    with which these rows, and no others, are put in force.
    """

    cases: int
    since: datetime
    differences: list[DifferenceShown]
    warnings: list[str]
    replayed: str


@dataclass(frozen=True, slots=True)
class PutShown:
    """What was put in force; `cases`, `since` and `differences`: what it would have meant for past incidents."""

    version: int
    changed: bool
    added: list[str]
    removed: list[str]
    edited: list[str]
    warnings: list[str]
    cases: int
    since: datetime
    differences: list[DifferenceShown]


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
    summary="Put a matrix in force that was tried; running tasks keep the duty they began with",
    responses={**ANSWERS, **unchanged.CHANGED, **documented(HTTPStatus.PRECONDITION_REQUIRED)},
)
def replace(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    matrix: Matrix,
    *,
    seen: Annotated[int | None, Query(ge=0, description="The version seen; 409 where there is a newer one.")] = None,
    replayed: Annotated[
        str | None,
        Query(
            max_length=64,
            description=f"The `replayed` of its dry run; `{UNREPLAYED}`: in force although nobody tried it.",
        ),
    ] = None,
    days: Days = 30,
    if_match: unchanged.IfMatch = None,
) -> PutShown:
    matched = unchanged.seen_version(if_match, lambda: services.duties.export(estate).version)
    seen = seen if matched is None else matched
    checked = services.duties.check(estate, matrix, member.member, days=days, seen=seen)
    tried = checked.tried
    if replayed is None and checked.rows.changed:
        raise Refusal(HTTPStatus.PRECONDITION_REQUIRED, "not-replayed", _UNTRIED)
    done = services.duties.replace(estate, matrix, member.member, replayed=replayed or "", seen=seen)
    return PutShown(
        done.version, done.changed, list(done.added), list(done.removed), list(done.edited), list(done.warnings),
        tried.cases, tried.since, [DifferenceShown.of(one) for one in tried.differences],
    )  # fmt: skip


@router.post("/matrix/dry-run", summary="What a changed matrix would have meant; changes nothing", responses=ANSWERS)
def dry_run(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    matrix: Matrix,
    days: Days = 30,
) -> TriedShown:
    tried = services.duties.dry_run(estate, matrix, member.member, days=days)
    return TriedShown(
        tried.cases, tried.since, [DifferenceShown.of(one) for one in tried.differences], list(tried.warnings), tried.replayed
    )  # fmt: skip
