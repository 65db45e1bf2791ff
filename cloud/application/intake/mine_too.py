"""Somebody names the known matter that they mean: "this is mine too". Once it is said to be done, that it is not."""

from __future__ import annotations

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.report import Report, may_mean
from cloud.domain.tasks.task import Task
from cloud.errors import Conflict, NotFound
from schemas.hazards import hazard


def matter_meant(uow: UnitOfWork, register: Register, report: Report, incident_id: str) -> tuple[Incident, Task]:
    """The open matter that a report is about. Raises NotFound, Conflict."""
    incident, task = uow.incidents.get(incident_id), uow.tasks.of_incident(incident_id)
    if incident is None or task is None or not may_mean(report, incident, register):
        raise NotFound("What you mean is not known here: report it as something new.", "没有这个事件，请重新报告")
    if not task.open:
        raise Conflict("That is over: report it as something new if it is back.", "该事件已结束，如再次发生请重新报告")
    return incident, task


def seen_again(uow: UnitOfWork, incident: Incident) -> Fingerprint:
    """As what a person's word raises a matter once more that was said to be done: the worst of it, where it governs."""
    alerts = uow.alerts.of_incidents([incident.id]).get(incident.id, ())
    if not alerts:
        return Fingerprint(incident.estate, incident.hazard, incident.equipment_id)

    def weight(alert: Alert) -> tuple[bool, bool, bool]:
        known = alert.fingerprint
        governs = (known.hazard, known.equipment) == (incident.hazard, incident.equipment_id)
        return governs, known.equipment == incident.equipment_id, hazard(known.hazard).life_safety

    return max(alerts, key=weight).fingerprint
