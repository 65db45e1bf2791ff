"""Fire alarms that two people found to be false, read out of alerts and the tasks that closed them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from cloud.adapters.sql import tables as t
from cloud.domain.duties.duty import Need
from cloud.domain.incidents.alert import AlertState
from cloud.domain.incidents.false_alarms import FalseAlarm
from cloud.domain.tasks.task import ResolutionReason, TaskState

_a: Final = t.alerts.c
_CLOSED: Final = (
    select(_a.incident_id, _a.equipment, _a.node_id, _a.started_at, t.tasks.c.body)
    .join(t.tasks, t.tasks.c.incident_id == _a.incident_id)
    .where(
        _a.estate == bindparam("estate"),
        _a.mode == "real",
        _a.hazard.like("fire.%"),
        _a.hazard.not_like("fire.detector-%"),
        _a.started_at.is_not(None),
        t.tasks.c.state == TaskState.CLOSED.value,
        t.tasks.c.closed_at >= bindparam("since"),
    )
    .order_by(_a.started_at, _a.id)
)
_LAST_ENDED: Final = (
    select(_a.equipment, func.max(t.occurrences.c.ended_at))
    .join(t.occurrences, t.occurrences.c.alert_id == _a.id)
    .where(
        _a.estate == bindparam("estate"),
        _a.hazard == bindparam("hazard"),
        _a.state == AlertState.RESOLVED.value,
        t.occurrences.c.id.like(bindparam("origin")),
        t.occurrences.c.ended_at.is_not(None),
    )
    .group_by(_a.equipment)
)


def false_alarms(connection: Connection, estate: str, since: datetime) -> Sequence[FalseAlarm]:
    rows = connection.execute(_CLOSED, {"estate": estate, "since": since})
    return [
        FalseAlarm(row.incident_id, row.equipment, row.node_id, row.started_at)
        for row in rows
        if _by_two(json.loads(row.body))
    ]


def last_ended(connection: Connection, estate: str, hazard: str, origin: str) -> Mapping[str, datetime]:
    rows = connection.execute(_LAST_ENDED, {"estate": estate, "hazard": hazard, "origin": f"{origin}:%"})
    return {row[0]: row[1] for row in rows}


def _by_two(task: Mapping[str, Any]) -> bool:
    said = task.get("resolution")
    if said is None or said["reason"] != ResolutionReason.FALSE_ALARM.value or said.get("member_id") is None:
        return False
    looked = {check["member_id"] for check in task["checks"] if check["need"] == Need.INDEPENDENT.value}
    return bool(looked - {said["member_id"]})
