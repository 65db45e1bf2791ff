"""A lead is wanted: the next in line is asked at once, after the second refusal the arbiter too; and both are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cloud.application.incidents.summons import Summons
from cloud.domain.community.party import Party
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import asking, succession
from cloud.domain.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Sought:
    """Who was asked to lead, and who to decide on it."""

    lead: Party | None
    arbiter: Party | None


def seek_lead(
    task: Task, incident: Incident, register: Register, *, now: datetime, new_id: Callable[[], str], summons: Summons,
    claimed: Party | None = None,
) -> Sought:  # fmt: skip
    """`claimed`: the party that whoever declined says is responsible; it is asked before anybody else."""
    place = incident.place_id
    lead = claimed or succession.next_in_line(task, register, place, now)
    if lead is not None:
        asking.hand_on(task, lead.id, now, new_id)
        summons.one(task, incident, lead.id, Reason.ASKED_TO_LEAD)
    arbiter = succession.ask_arbiter(task, register, place, now, new_id)
    if arbiter is not None:
        summons.one(task, incident, arbiter.id, Reason.ARBITER_ASKED)
    return Sought(lead, arbiter)
