"""Everything as a file: incidents, tasks, the readings of a point. The ledger has one of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse

from cloud.application.asking.views import TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.timeseries import TimeSeriesReader, from_micros, to_micros
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.exported import STRETCH
from cloud.entrypoints.api.files import MEDIA_TYPES, Row, as_file
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import Fault, Refusal, documented, not_found
from cloud.entrypoints.api.services import Services

router = Interface("/exports", tags=["exports"])

LONGEST: Final = timedelta(days=3660)
FILE: Final[dict[int | str, dict[str, Any]]] = {
    **documented(HTTPStatus.UNPROCESSABLE_ENTITY),
    200: {
        "description": "The file: a heading and rows, or an array of objects",
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["json"]: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    },
}
Form = Annotated[Literal["csv", "json"], Query(alias="format")]


@router.get("/incidents", summary="All incidents", response_class=StreamingResponse, responses=FILE)
def export_incidents(services: Given, member: CurrentMember, estate: EstateId, form: Form = "csv") -> StreamingResponse:
    return as_file(f"incidents-{estate}", form, _INCIDENT, _told(services, member, estate, _INCIDENT))


@router.get("/tasks", summary="All tasks", response_class=StreamingResponse, responses=FILE)
def export_tasks(services: Given, member: CurrentMember, estate: EstateId, form: Form = "csv") -> StreamingResponse:
    return as_file(f"tasks-{estate}", form, _TASK, _told(services, member, estate, _TASK))


@router.get(
    "/readings", summary="Every reading of a point in a range", response_class=StreamingResponse, responses=FILE
)
def export_readings(  # noqa: PLR0917 - a range and its form
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    point: Annotated[str, Query(min_length=1, max_length=256)],
    since: Annotated[Moment, Query(alias="from")],
    until: Annotated[Moment, Query(alias="to", description="Itself not included.")],
    form: Form = "csv",
) -> StreamingResponse:
    if not timedelta() < until - since <= LONGEST:
        fault = Fault(where="query.from", what=f"give a range of at most {LONGEST.days} days, 'from' before 'to'")
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "Nothing was exported.", problems=[fault])
    if not services.queries.points_seen(estate, [point], member):
        raise not_found("such point")
    rows = _readings(services.readings, estate, point, to_micros(since), to_micros(until))
    return as_file(f"readings-{estate}", form, ("time", "point", "value", "uncertain"), rows)


_INCIDENT: Final[dict[str, Callable[[TaskView], Any]]] = {
    "incident_id": lambda task: task.incident_id,
    "hazard": lambda task: task.hazard,
    "hazard_zh": lambda task: task.hazard_names.zh,
    "hazard_en": lambda task: task.hazard_names.en,
    "severity": lambda task: task.severity.value,
    "life_safety": lambda task: task.life_safety,
    "mode": lambda task: task.mode,
    "late": lambda task: task.late,
    "place": lambda task: task.place.id,
    "equipment": lambda task: task.equipment.id,
    "address_zh": lambda task: task.address.zh,
    "address_en": lambda task: task.address.en,
    "opened_at": lambda task: task.opened_at,
    "quiet_since": lambda task: task.quiet_since,
    "closed_at": lambda task: task.closed_at,
    "alerts": lambda task: task.alerts,
    "raises": lambda task: task.raises,
    "hidden_by": lambda task: task.hidden_by,
    "merged_into": lambda task: task.merged_into,
}
_TASK: Final[dict[str, Callable[[TaskView], Any]]] = {
    "task_id": lambda task: task.id,
    "incident_id": lambda task: task.incident_id,
    "hazard": lambda task: task.hazard,
    "life_safety": lambda task: task.life_safety,
    "state": lambda task: task.state.value,
    "responsible": lambda task: task.responsible.id,
    "responsible_zh": lambda task: task.responsible.names.zh,
    "responsible_en": lambda task: task.responsible.names.en,
    "opened_at": lambda task: task.opened_at,
    "acknowledged_at": lambda task: task.acknowledged_at,
    "resolved_at": lambda task: task.resolved_at,
    "closed_at": lambda task: task.closed_at,
    "resolution": lambda task: task.resolution_reason.value if task.resolution_reason else None,
    "bounces": lambda task: task.bounces,
    "reopened": lambda task: task.reopened_count,
    "unverified": lambda task: task.unverified,
    "revision": lambda task: task.revision,
}


def _told(
    services: Services, member: Identity, estate: str, columns: dict[str, Callable[[TaskView], Any]]
) -> Iterator[Row]:
    for task in _tasks(services, member, estate):
        yield {name: column(task) for name, column in columns.items()}


def _tasks(services: Services, member: Identity, estate: str) -> Iterator[TaskView]:
    """What is open, then what is over, the last closed first; each once, though tasks are closed meanwhile."""
    told: set[str] = set()
    for task in services.queries.tasks(estate, member, limit=10_000):
        told.add(task.id)
        yield task
    before = None
    while stretch := services.queries.tasks(estate, member, closed=True, limit=STRETCH, before=before):
        yield from (task for task in stretch if task.id not in told)
        last = stretch[-1]
        if last.closed_at is None:
            return
        before = last.closed_at, last.id


def _readings(readings: TimeSeriesReader, estate: str, point: str, start: int, end: int) -> Iterator[Row]:
    """A stretch begins with the last moment of the one before; what was told of that already is passed over."""
    told = 0
    while True:
        stretch = readings.read(estate, point, start, end)
        for sample in stretch[told:]:
            uncertain = sample.quality != 0
            yield {"time": from_micros(sample.time), "point": point, "value": sample.value, "uncertain": uncertain}
        if len(stretch) <= told:
            return
        start = stretch[-1].time
        told = sum(sample.time == start for sample in stretch)
