"""An exercise becomes real with everything that belongs to it: its incident, its alerts, its task."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cloud.application.incidents.circumstances import other_mode
from cloud.application.incidents.presume_fire import corroborate
from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.incident import Incident, matter
from cloud.domain.records.ledger import Draft
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.exercises import turn_real
from cloud.domain.tasks.task import Task


def make_real(
    uow: UnitOfWork, register: Register, incident: Incident, task: Task, *, ids: Ids, now: datetime, cause: str | None,
    summons: Summons,
) -> list[Draft]:  # fmt: skip
    """Saving incident and task is the caller's; parties are told anew, by the weight of what is real. Gives what the ledger
    is to say of it: two alarms that bore each other out in the drill do so in earnest.
    """
    turn_real(task, now)
    alerts = uow.alerts.of_incidents([incident.id]).get(incident.id, ())
    incident.mode, incident.matter = "real", _in_earnest(register, incident, alerts)
    for alert in alerts:
        if alert.fingerprint.mode == "exercise":
            take_real(uow, alert)
    note_quiet(uow, incident, task, now)
    summons.again(task, incident, Reason.TURNED_REAL)
    presumed = corroborate(
        register, incident, task, alerts, ids=ids, now=now, actor="system", cause=cause, summons=summons
    )
    return [] if presumed is None else [presumed]


def _in_earnest(register: Register, incident: Incident, alerts: Iterable[Alert]) -> str:
    """The matter that it is now: of the alert by which it was opened, for its place may be a wider one since."""
    opened = (one for one in alerts if matter(one.fingerprint, one.place_id, register) == incident.matter)
    first = next(opened, None)
    whole = Fingerprint(incident.estate, incident.hazard, incident.equipment_id, incident.mode)
    fingerprint, place = (first.fingerprint, first.place_id) if first else (whole, incident.place_id)
    return matter(other_mode(fingerprint), place, register)


def stands_in_earnest(uow: UnitOfWork, alert: Alert) -> Alert | None:
    """The alert of the same that fires in earnest beside the one of an exercise."""
    found = uow.alerts.concerning(other_mode(alert.fingerprint), "") if alert.firing else ()
    return next((one for one in found if one.firing), None)


def note_quiet(uow: UnitOfWork, incident: Incident, task: Task, now: datetime) -> None:
    """Where all that fired went on in a real matter that stood already, nothing fires here any more."""
    alerts = uow.alerts.of_incidents([incident.id]).get(incident.id, ())
    if task.quiet_since is None and not any(alert.firing for alert in alerts):
        task.quiet_since = now


def take_real(uow: UnitOfWork, alert: Alert) -> Alert:
    """The alert that goes on in earnest: this one, or where the same fires in earnest already that one, with its
    occurrences: only one fires at a time.
    """
    real, standing = other_mode(alert.fingerprint), stands_in_earnest(uow, alert)
    if standing is None:
        alert.fingerprint = real
        uow.alerts.save(alert)
        return alert
    lasting = {one.id: one for one in alert.occurrences.values() if one.active}
    for one in lasting.values():
        alert.occurrences[one.id] = replace(one, ended_at=one.raised_at)
    standing.occurrences |= {f"{name}": one for name, one in lasting.items()}
    uow.alerts.save(alert)
    uow.alerts.save(standing)
    return standing
