"""It has come to burn where people were helping who never enter a fire: they are told to stay away."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.summons import Summons
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import standing_down
from cloud.domain.tasks.task import Task


def keep_out(
    register: Register, incident: Incident, task: Task, *, now: datetime, cause: str | None, summons: Summons
) -> list[Draft]:
    """What the ledger is to say of it: nothing where nobody of the kind takes part. Saving the task is the caller's."""
    kept = standing_down.keep_out(task, register, now)
    for party in kept:
        summons.one(task, incident, party, Reason.STAY_AWAY)
    facts = {"to": kept}
    return [Draft(Kind.KEPT_OUT, now, "system", incident.id, task.id, cause, facts)] if kept else []
