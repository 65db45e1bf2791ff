"""What bears a report out, or three minutes without a word, calls everybody whom the duty names."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import route
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks import fire
from cloud.domain.tasks.others import others_join
from cloud.domain.tasks.task import Task


class Ground(StrEnum):
    SENSOR = "sensor"
    SECOND_REPORT = "second_report"
    CONFIRMED = "confirmed"
    UNANSWERED = "unanswered"


def call_others(
    register: Register, incident: Incident, task: Task, ground: Ground, *, ids: Ids, now: datetime, summons: Summons
) -> dict[str, Any]:
    """What the ledger is to say of it. Saving the task is the caller's, and where it is said to be done already asking them
    to look.
    """
    routing = route(register, incident.hazard, incident.place_id, now, severity=incident.severity)
    joined = others_join(task, routing, now, lambda: ids.new(now))
    if task.undone:
        summons.called(task, incident, joined)
    fire.await_word(task, now)
    return {"ground": ground.value, "parties": joined, "party": routing.lead.id}
