"""What only people said ends when their task is closed: no sensor will ever clear it."""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Ended, is_report


def end_hearsay(uow: UnitOfWork, incident_id: str, now: datetime) -> None:
    for alert in uow.alerts.of_incidents([incident_id]).get(incident_id, ()):
        said = [o for o in alert.occurrences.values() if o.active and is_report(o.id)]
        for occurrence in said:
            alert.end(occurrence.id, now, Ended.CLEARED)
        if said:
            uow.alerts.save(alert)
