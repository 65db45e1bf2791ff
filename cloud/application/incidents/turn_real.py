"""An exercise becomes real with everything that belongs to it: its incident, its alerts, its task."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cloud.application.incidents.circumstances import other_mode
from cloud.application.incidents.summons import Summons
from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.exercises import turn_real
from cloud.domain.tasks.task import Task


def make_real(uow: UnitOfWork, incident: Incident, task: Task, summons: Summons, now: datetime) -> None:
    """Saving incident and task is the caller's; parties are told anew, by the weight of what is real."""
    turn_real(task, now)
    incident.mode = "real"
    incident.matter = incident.matter.replace("exercise|", "real|", 1)
    for alert in uow.alerts.of_incidents([incident.id]).get(incident.id, ()):
        if alert.fingerprint.mode == "exercise":
            _move(uow, alert)
    summons.again(task, incident, Reason.TURNED_REAL)


def _move(uow: UnitOfWork, alert: Alert) -> None:
    """Where the same fires in earnest already, its occurrences go on in that alert: only one fires at a time."""
    real = other_mode(alert.fingerprint)
    standing = next((one for one in uow.alerts.concerning(real, "") if one.firing), None) if alert.firing else None
    if standing is None:
        alert.fingerprint = real
        uow.alerts.save(alert)
        return
    lasting = {one.id: one for one in alert.occurrences.values() if one.active}
    for one in lasting.values():
        alert.occurrences[one.id] = replace(one, ended_at=one.raised_at)
    standing.occurrences |= {f"{name}": one for name, one in lasting.items()}
    uow.alerts.save(alert)
    uow.alerts.save(standing)
