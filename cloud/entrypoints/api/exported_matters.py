"""What happened in an estate, as files: its incidents, and the task of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from cloud.application.asking.views import TaskView
from cloud.entrypoints.api.exported import STRETCH, Asked, Columns, Export, as_member, both, fields


def _tasks(asked: Asked) -> Iterator[TaskView]:
    """What is open, then what is over, the last closed first; each once, though tasks are closed meanwhile."""
    told: set[str] = set()
    for task in asked.services.queries.tasks(asked.estate, asked.member, limit=10_000):
        told.add(task.id)
        yield task
    before = None
    while stretch := asked.services.queries.tasks(
        asked.estate, asked.member, closed=True, limit=STRETCH, before=before
    ):
        yield from (task for task in stretch if task.id not in told)
        last = stretch[-1]
        if last.closed_at is None:
            return
        before = last.closed_at, last.id


_INCIDENT: Final[Columns] = {
    **fields("incident_id", "hazard"),
    **both("hazard", lambda task: task.hazard_names),
    "severity": lambda task: task.severity.value,
    **fields("life_safety", "mode", "late"),
    "place": lambda task: task.place.id,
    "equipment": lambda task: task.equipment.id,
    **both("address", lambda task: task.address),
    **fields("opened_at", "quiet_since", "closed_at", "alerts", "raises", "hidden_by", "merged_into"),
}
_TASK: Final[Columns] = {
    "task_id": lambda task: task.id,
    **fields("incident_id", "hazard", "life_safety"),
    "state": lambda task: task.state.value,
    "responsible": lambda task: task.responsible.id,
    **both("responsible", lambda task: task.responsible.names),
    **fields("opened_at", "acknowledged_at", "resolved_at", "closed_at"),
    "resolution": lambda task: task.resolution_reason.value if task.resolution_reason else None,
    "bounces": lambda task: task.bounces,
    "reopened": lambda task: task.reopened_count,
    **fields("unverified", "revision"),
}

MATTERS: Final[Mapping[str, Export]] = {
    "incidents": Export("/incidents", "All incidents", as_member, _tasks, _INCIDENT),
    "tasks": Export("/incidents", "All tasks", as_member, _tasks, _TASK),
}
