"""Readings over REST: the points of an estate, and one point's course in steps fit to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query

from cloud.application.timeseries import Sample, Value, from_micros, to_micros
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import Fault, Refusal, documented, not_found

router = Interface(tags=["readings"])

LONGEST: Final = timedelta(days=3660)
PointName = Annotated[str, Query(min_length=1, max_length=256, examples=["b3/lift-7/speed"])]


@dataclass(frozen=True, slots=True)
class Latest:
    """The last reading of a point. `uncertain`: the node's clock could not be trusted."""

    point: str
    at: datetime
    value: Value
    uncertain: bool


@dataclass(frozen=True, slots=True)
class ReadingStep:
    """One step of a course. Text has no min, max and mean."""

    at: datetime
    min: float | None
    max: float | None
    mean: float | None
    last: Value
    count: int


@dataclass(frozen=True, slots=True)
class Course:
    point: str
    start: datetime
    end: datetime
    steps: list[ReadingStep]


def _latest(sample: Sample) -> Latest:
    return Latest(sample.point, from_micros(sample.time), sample.value, sample.quality != 0)


@router.get("/points", summary="Every point that ever had a reading, with its last one")
def list_points(services: Given, member: CurrentMember, estate: EstateId) -> list[Latest]:
    seen = services.queries.points_seen(estate, services.readings.points(estate), member)
    known = services.readings.latest(estate, seen)
    return [_latest(known[point]) for point in sorted(known)]


@router.get("/readings", summary="One point's course", responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY))
def read_course(  # noqa: PLR0917 - a range and its resolution
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    point: PointName,
    since: Annotated[Moment | None, Query(alias="from", description="By default an hour before `to`.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="By default now; itself not included.")] = None,
    steps: Annotated[int, Query(ge=1, le=2000)] = 300,
) -> Course:
    end = until or services.clock.now()
    try:
        start = since or end - timedelta(hours=1)
    except OverflowError as error:
        fault = Fault(where="query.to", what="lies before the first hour of the calendar; give a later one")
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The range cannot be drawn.", problems=[fault]
        ) from error
    if not timedelta() < end - start <= LONGEST:
        fault = Fault(
            where="query.from", what=f"lies {end - start} before 'to'; give at most {LONGEST.days} days, 'from' first"
        )
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The range cannot be drawn.", problems=[fault])
    if not services.queries.points_seen(estate, [point], member):
        raise not_found("such point")
    found = services.readings.steps(estate, point, to_micros(start), to_micros(end), steps)
    shown = [ReadingStep(from_micros(s.time), s.min, s.max, s.mean, s.last, s.count) for s in found]
    return Course(point, start, end, shown)
