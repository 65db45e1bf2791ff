"""The upkeep of lifts and patrols over REST: dates, confirmed visits, rounds that were walked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cloud.application.tasks.keep_upkeep import UpkeepView
from cloud.application.tasks.walk_patrols import PatrolView
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.patrol import MAX_FINDINGS, MOST_POINTS, Round
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.occasions import ANSWERS, EquipmentId, Here, PathId

router = Interface("/estates/{estate}", tags=["upkeep and patrols"])


class DatesGiven(BaseModel):
    """What the papers of a lift say, as days of the estate's own calendar."""

    model_config = ConfigDict(extra="forbid")

    equipment: EquipmentId
    maintained_on: date | None = Field(default=None, description="The last maintenance visit.")
    inspected_until: date | None = Field(default=None, description="The last day on which its inspection holds.")


class PatrolGiven(BaseModel):
    """A round that was walked: the points seen, by the codes on them, and what was found (kept as an erasable note)."""

    model_config = ConfigDict(extra="forbid")

    round: Round
    points: Annotated[list[EquipmentId], Field(min_length=1, max_length=MOST_POINTS)]
    findings: str = Field(default="", max_length=MAX_FINDINGS)


@router.get("/upkeep", summary="Lifts, their last visit and inspection", responses=ANSWERS)
def list_upkeep(here: Here, services: Given, cut: cursors.Cut) -> Sequence[UpkeepView]:
    return cut.of(services.assurance.upkeep.listed(here.id, here.member), lambda one: (one.equipment,))


@router.post("/upkeep", summary="Note what a lift's papers say", responses=ANSWERS)
def note_upkeep(given: DatesGiven, here: Here, services: Given) -> UpkeepView:
    return services.assurance.upkeep.note(
        here.id, given.equipment, here.member, maintained_on=given.maintained_on,
        inspected_until=given.inspected_until, cause=here.cause,
    )  # fmt: skip


@router.post("/maintenance-windows/{window}/accept", summary="Confirm the maintenance visit", responses=ANSWERS)
def accept_visit(window: PathId, here: Here) -> Window:
    return here.windows.accept(here.id, window, here.member, cause=here.cause)


@router.get("/patrols", summary="Patrols that were walked, the latest first", responses=ANSWERS)
def list_patrols(here: Here, services: Given, piece: cursors.Piece) -> Sequence[PatrolView]:
    found = services.assurance.patrols.listed(here.id, here.member, limit=piece.asked, before=piece.moment)
    return piece.of(found, lambda one: (cursors.at(one.at), one.id))


@router.post("/patrols", summary="Record a patrol", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def record_patrol(given: PatrolGiven, here: Here, services: Given) -> PatrolView:
    return services.assurance.patrols.record(
        here.id, given.round, given.points, here.member, findings=given.findings, cause=here.cause
    )
