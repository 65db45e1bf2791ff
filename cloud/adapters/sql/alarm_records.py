"""Alarms as they came and went, with what people said of them, read out of occurrences and the tasks they led to."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select

from cloud.adapters.sql import tables as t
from cloud.domain.incidents.alarm_quality import AlarmRecord, Judged
from cloud.domain.incidents.alert import REPORTED
from cloud.domain.tasks.task import ResolutionReason, TaskState

_a: Final = t.alerts.c
_o: Final = t.occurrences.c
_RECORDS: Final = (
    select(_a.hazard, _a.equipment, _a.place_id, _a.incident_id, _o.raised_at, _o.ended_at)
    .join(t.occurrences, _o.alert_id == _a.id)
    .where(
        _a.estate == bindparam("estate"),
        _a.mode == "real",
        _o.id.not_like(f"{REPORTED}%"),
        _o.raised_at < bindparam("end"),
        or_(_o.raised_at >= bindparam("start"), _o.ended_at.is_(None), _o.ended_at > bindparam("start")),
    )
    .order_by(_o.raised_at, _o.id)
)
_TASKS: Final = select(t.tasks.c.incident_id, t.tasks.c.state, t.tasks.c.body).where(
    t.tasks.c.incident_id.in_(bindparam("incidents", expanding=True))
)
_AT_ONCE: Final = 500
"""Incidents in one question: databases bound how many values one may name."""


def alarm_records(connection: Connection, estate: str, start: datetime, end: datetime) -> Sequence[AlarmRecord]:
    rows = connection.execute(_RECORDS, {"estate": estate, "start": start, "end": end}).all()
    tasks = _tasks(connection, {row.incident_id for row in rows if row.incident_id is not None})
    return [
        AlarmRecord(
            row.hazard, row.equipment, row.place_id, row.raised_at, row.ended_at, row.incident_id,
            *_said(tasks, row.incident_id),
        )
        for row in rows
    ]  # fmt: skip


def _tasks(connection: Connection, incidents: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """By incident, its task, and those it was merged into."""
    found: dict[str, Mapping[str, Any]] = {}
    wanted = sorted(incidents)
    while wanted:
        now, wanted = wanted[:_AT_ONCE], wanted[_AT_ONCE:]
        for row in connection.execute(_TASKS, {"incidents": now}):
            body = found[row.incident_id] = {**json.loads(row.body), "state": row.state}
            into = body.get("merged_into")
            if into is not None and into not in found and into not in incidents:
                wanted.append(into)
    return found


def _said(tasks: Mapping[str, Mapping[str, Any]], incident_id: str | None) -> tuple[bool, Judged]:
    """(whether somebody answered, how it was judged): a claim counts once the task is closed, and then only a person's."""
    task = tasks.get(incident_id or "")
    passed = set[str]()
    while task is not None and task.get("merged_into") in tasks and task["merged_into"] not in passed:
        passed.add(task["merged_into"])
        task = tasks[task["merged_into"]]
    if task is None:
        return False, Judged.NOT_YET
    answered = any(task.get(key) is not None for key in ("acknowledged_at", "started_at"))
    said = task.get("resolution")
    if task["state"] != TaskState.CLOSED.value or said is None or said.get("member_id") is None:
        return answered, Judged.NOT_YET
    return answered, Judged.FALSE if said["reason"] == ResolutionReason.FALSE_ALARM.value else Judged.TRUE
