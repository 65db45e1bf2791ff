"""A task is over, however it came to that: what that means for its incident and its alerts is written here, once."""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Alert, Ended, is_report
from cloud.domain.tasks.task import Task


def close_matter(uow: UnitOfWork, task: Task, now: datetime) -> None:
    """The incident is closed. What only people said of it ends with it, for no sensor will ever clear it; so does what its
    node lost track of, since people have looked. Saving the task is the caller's.
    """
    incident = uow.incidents.get(task.incident_id)
    assert incident is not None, f"task {task.id} has lost its incident"
    incident.closed_at = now
    uow.incidents.save(incident)
    lost, task.track_lost = task.track_lost, False
    for alert in uow.alerts.of_incidents([incident.id]).get(incident.id, ()):
        said = _end(
            alert, [o.id for o in alert.occurrences.values() if o.active and is_report(o.id)], Ended.CLEARED, now
        )
        gone = [o.id for o in alert.occurrences.values() if o.active and o.ended is Ended.LOST_TRACK] if lost else []
        if _end(alert, gone, Ended.LOST_TRACK, now) or said:
            uow.alerts.save(alert)


def _end(alert: Alert, occurrences: list[str], how: Ended, now: datetime) -> bool:
    """Whether there was anything to end."""
    for occurrence in occurrences:
        alert.end(occurrence, now, how)
    return bool(occurrences)
