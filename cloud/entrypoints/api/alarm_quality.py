"""How good the alarms are, over REST: the figures of ISA-18.2 for an estate or one of its buildings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query

from cloud.application.estates.sign_in import Identity
from cloud.domain.incidents.alarm_quality import AlarmQuality, StandingAlarm, WorstPoint
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import documented

router = Interface(tags=["alarm quality"])


@dataclass(frozen=True, slots=True)
class AlarmQualityShown:
    """Shares are from 0 to 1; null where there was nothing to take a share of. `nuisance`: of the incidents that people judged,
    those they judged false; `flooded`: of the time; `worst_share`: the ten worst alarms' of all.
    """

    building: str | None
    start: datetime
    end: datetime
    count: int
    per_day: float
    per_ten_minutes: float
    peak_in_ten_minutes: int
    peak_at: datetime | None
    floods: int
    flooded: float
    chattering: int
    stale: list[StandingAlarm]
    worst: list[WorstPoint]
    worst_share: float | None
    incidents: int
    acted_on: float | None
    judged: int
    nuisance: float | None


@router.get(
    "/estates/{estate}/alarm-quality",
    summary="How good the alarms are (ISA-18.2)",
    responses=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def read_alarm_quality(  # noqa: PLR0917 - a range and a place
    services: Given,
    member: Annotated[Identity, Depends(entrance(Area.OPERATIONS))],
    estate: Annotated[str, Path(max_length=64)],
    since: Annotated[Moment | None, Query(alias="from", description="By default 30 days before `to`.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="By default now; itself not included.")] = None,
    building: Annotated[
        str | None, Query(max_length=512, description="A building's place id; else all of them.")
    ] = None,
) -> AlarmQualityShown:
    return _shown(building, services.tuning.quality(estate, member, start=since, end=until, building=building).quality)


def _shown(building: str | None, found: AlarmQuality) -> AlarmQualityShown:
    return AlarmQualityShown(
        building, found.start, found.end, found.count, found.per_day, found.per_ten_minutes, found.peak, found.peak_at,
        found.floods, found.flooded, found.chattering, list(found.stale), list(found.worst), found.worst_share,
        found.incidents, found.acted_on, found.judged, found.nuisance,
    )  # fmt: skip
