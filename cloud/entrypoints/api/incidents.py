"""Incidents over REST: the list with its cursor, and one incident whole."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Path, Query, Response

from cloud.application.asking.views import IncidentView, TaskView
from cloud.application.estates.sign_in import Identity
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented
from cloud.entrypoints.api.services import Services

router = Interface("/incidents", tags=["incidents"])

EVERYTHING = 10_000
"""More open tasks than an estate ever has; a cursor pages through them."""

Id = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """A page of incidents, each with its task. `next`: the cursor of the following page; null on the last."""

    items: list[TaskView]
    next: str | None


@router.get("", summary="Incidents with their tasks", responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY))
def list_incidents(  # noqa: PLR0917 - a listing's filters
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    state: Annotated[
        Literal["open", "closed"], Query(description="Open: most urgent first. Closed: last closed first.")
    ] = "open",
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> IncidentPage:
    return (
        _closed(services, member, estate, cursor, limit)
        if state == "closed"
        else _open(services, member, estate, cursor, limit)
    )


def _open(services: Services, member: Identity, estate: str, cursor: str | None, limit: int) -> IncidentPage:
    after = cursors.decode_rank(cursor) if cursor else None
    tasks = sorted(services.queries.tasks(estate, member, limit=EVERYTHING), key=cursors.rank)
    rest = [task for task in tasks if after is None or cursors.rank(task) > after]
    page = rest[:limit]
    return IncidentPage(page, cursors.encode(cursors.rank(page[-1])) if len(rest) > limit else None)


def _closed(services: Services, member: Identity, estate: str, cursor: str | None, limit: int) -> IncidentPage:
    before = cursors.decode_closing(cursor) if cursor else None
    found = services.queries.tasks(estate, member, closed=True, limit=limit + 1, before=before)
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    return IncidentPage(
        page, cursors.encode([last.closed_at.isoformat(), last.id]) if last and last.closed_at else None
    )


@router.get("/{incident_id}", summary="One incident, whole", responses=documented(HTTPStatus.NOT_FOUND))
def read_incident(incident_id: Id, services: Given, member: CurrentMember, response: Response) -> IncidentView:
    """Task, assignments, clocks, alerts, timeline, notes, why-me trace, verification ticks and the actions allowed now.
    The ETag is the task's revision, for `If-Match`.
    """
    incident = services.queries.incident(incident_id, member)
    response.headers["ETag"] = f'"{incident.task.revision}"'
    return incident
