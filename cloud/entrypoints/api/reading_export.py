"""The readings of a point as a file. It stands beside the table of `list_exports` because it is no list: it is asked for with a point
and a range, and read from the store of readings from one moment to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Query
from fastapi.responses import StreamingResponse

from cloud.application.timeseries import TimeSeriesReader, from_micros, to_micros
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.files import FILE, Form, Row, as_file
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import Fault, Refusal, not_found

router = Interface("/exports", tags=["exports"])

LONGEST: Final = timedelta(days=3660)


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
