"""Exercises and maintenance windows over REST."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.tasks.keep_windows import Asked
from cloud.domain.incidents.drilled import USUAL
from cloud.domain.incidents.exercise import MOST_POINTS, Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import documented, not_found
from cloud.entrypoints.api.tasks import Cause

router = Interface("/estates/{estate}", tags=["exercises and maintenance"])
ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)
PathId = Annotated[str, Path(max_length=64)]
EquipmentId = Annotated[str, Field(min_length=1, max_length=128)]


class ThisEstate:
    """The estate in the path, where the member may see it; to anyone else it does not exist."""

    def __init__(self, estate: PathId, member: CurrentMember, services: Given, cause: Cause) -> None:
        if estate not in member.estates:
            raise not_found("such estate")
        self.id, self.member, self.cause = estate, member, cause
        self.exercises, self.windows = services.assurance.exercises, services.assurance.windows


Here = Annotated[ThisEstate, Depends(ThisEstate)]


class ExerciseGiven(BaseModel):
    """The points whose alarms belong to it, what of them is exercised, and its window."""

    model_config = ConfigDict(extra="forbid")

    equipment: Annotated[list[EquipmentId], Field(min_length=1, max_length=MOST_POINTS)]
    hazards: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=64)]],
        Field(
            min_length=1,
            max_length=64,
            description="Hazards by id, families of fire like `fire.*`, and `usual`: every alarm of fire of detectors, of all "
            "else what may not cost lives. Any other signal of these points is real.",
        ),
    ] = [USUAL]
    starts_at: Moment
    ends_at: Moment


class WindowGiven(BaseModel):
    """What is worked on (equipment, or one place and all in it), which hazards it explains, and until when."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Moment
    ends_at: Moment
    reason: Literal["routine", "repair", "inspection", "trial", "works"]
    equipment: Annotated[list[EquipmentId], Field(max_length=MOST_POINTS)] = []
    place: Annotated[str | None, Field(max_length=512)] = None
    hazards: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1, max_length=64)] = [
        "*"
    ]


@router.get("/exercises", summary="Exercises, the latest first", responses=ANSWERS)
def list_exercises(here: Here, piece: cursors.Piece) -> Sequence[Exercise]:
    found = here.exercises.listed(here.id, here.member, limit=piece.asked, before=piece.moment)
    return piece.of(found, lambda one: (cursors.at(one.starts_at), one.id))


@router.post("/exercises", summary="Plan an exercise", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def plan_exercise(given: ExerciseGiven, here: Here) -> Exercise:
    return here.exercises.plan(
        here.id, given.equipment, given.starts_at, given.ends_at, here.member, hazards=given.hazards, cause=here.cause
    )


@router.post("/exercises/{exercise}/end", summary="End an exercise before its time", responses=ANSWERS)
def end_exercise(exercise: PathId, here: Here) -> Exercise:
    return here.exercises.end(here.id, exercise, here.member, cause=here.cause)


@router.get("/maintenance-windows", summary="Maintenance windows, the latest first", responses=ANSWERS)
def list_windows(here: Here, piece: cursors.Piece) -> Sequence[Window]:
    found = here.windows.listed(here.id, here.member, limit=piece.asked, before=piece.moment)
    return piece.of(found, lambda one: (cursors.at(one.starts_at), one.id))


@router.post(
    "/maintenance-windows", summary="Open a maintenance window", status_code=HTTPStatus.CREATED, responses=ANSWERS
)
def open_window(given: WindowGiven, here: Here) -> Window:
    asked = Asked(
        given.starts_at, given.ends_at, given.reason, tuple(given.equipment), given.place, tuple(given.hazards)
    )
    return here.windows.open(here.id, asked, here.member, cause=here.cause)


@router.post("/maintenance-windows/{window}/end", summary="End a window before its time", responses=ANSWERS)
def end_window(window: PathId, here: Here) -> Window:
    return here.windows.end(here.id, window, here.member, cause=here.cause)
