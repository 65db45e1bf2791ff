"""An alarm is presumed to be a fire: the task is about that now, and everybody who was called is told to call 119."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import route
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks.fire import PRESUMED, Ground, corroboration, presumable
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.worsening import worsen
from schemas.hazards import hazard


def presume(
    register: Register, incident: Incident, task: Task, ground: Ground, *, ids: Ids, now: datetime, actor: str,
    cause: str | None, summons: Summons,
) -> Draft:  # fmt: skip
    """Who had answered the alarm keeps their part, unless the matrix has another duty for it. Returns what the ledger
    is to say.
    """
    incident.hazard, incident.severity = PRESUMED, hazard(PRESUMED).severity
    routing = route(register, PRESUMED, incident.place_id, now, severity=incident.severity)
    if routing.duty.id != task.duty.id:
        worsen(task, PRESUMED, routing, life_safety=True, now=now, new_id=lambda: ids.new(now))
    task.hazard, task.presumed_at, task.presume_at = PRESUMED, now, None
    summons.call_fire_rescue(task, incident)
    data = {"ground": ground.value, "hazard": PRESUMED, "equipment": incident.equipment_id, "place": incident.place_id}
    return Draft(Kind.FIRE_PRESUMED, now, actor, incident.id, task.id, cause, data)


def corroborate(
    register: Register, incident: Incident, task: Task, alerts: Iterable[Alert], *, ids: Ids, now: datetime, actor: str,
    cause: str | None, summons: Summons,
) -> Draft | None:  # fmt: skip
    """Alarms of one building that bear each other out are a presumed fire, once. `alerts`: all of the incident."""
    ground = corroboration(alerts) if presumable(task) else None
    if ground is None:
        return None
    return presume(register, incident, task, ground, ids=ids, now=now, actor=actor, cause=cause, summons=summons)
