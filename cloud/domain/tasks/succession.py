"""Who is asked to lead when a party does not: the next in line at once, and the arbiter after the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cloud.domain.community.party import Member, Party
from cloud.domain.duties.register import Register
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.arbitration import LIFE_SAFETY_LIMIT, Arbitration, first_arbiter, higher_arbiter
from cloud.domain.tasks.asking import NewId, call_in, hand_on
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.custody import REFUSALS
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.transitions import leads, permit
from cloud.errors import Invalid

TO_THE_ARBITER: Final = 2
"""The refusals of the lead after which its arbiter is asked."""

_REFUSED: Final = frozenset({AssignmentState.DECLINED, AssignmentState.EXPIRED})


def eligible(register: Register, place_id: str) -> list[Party]:
    """The parties that may be asked to lead there, the closest first."""
    serving = [p for p in register.parties.values() if p.may_lead and p.closeness(place_id) >= 0]
    return sorted(serving, key=lambda p: (-p.closeness(place_id), p.id))


def next_in_line(task: Task, register: Register, place_id: str) -> Party | None:
    """Whom the duty names after those who declined: its leads in their order, whoever supports, the fallback party."""
    return next((party for party in _line(task, register, place_id) if _to_ask(task, party)), None)


def _line(task: Task, register: Register, place_id: str) -> Iterator[Party]:
    for ref in (*task.duty.leads, *task.duty.supports):
        yield from register.meant(ref, place_id)
    yield register.fallback


def _to_ask(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    if part is None or not party.may_lead:
        return party.may_lead
    asked = part.lead_by is not None or (part.role is AssignmentRole.LEAD and part.state is AssignmentState.REQUESTED)
    return part.state not in _REFUSED and not asked and party.id not in refusals(task)


def refusals(task: Task) -> list[str]:
    """The parties that refused the lead since the task began, began again, or was last decided on."""
    decided = task.arbitration.bounces if task.arbitration else 0
    began = task.tto.started_at
    return [bounce.party_id for bounce in task.bounces[decided:] if bounce.how in REFUSALS and bounce.at >= began]


def ask_arbiter(task: Task, register: Register, place_id: str, now: datetime, new_id: NewId) -> Party | None:
    """The arbiter that is asked now; None where one is asked already, or the lead was not refused twice. It may look and
    speak from now on.
    """
    refused = refusals(task)
    if len(refused) < TO_THE_ARBITER or (task.arbitration is not None and task.arbitration.open):
        return None
    arbiter = first_arbiter(register, place_id, {*refused, task.responsible_id})
    limit = register.estate.arbitrate_within
    task.arbitration = Arbitration.ask(arbiter, now, min(limit, LIFE_SAFETY_LIMIT) if task.life_safety else limit)
    call_in(task, arbiter.id, now, new_id)
    return arbiter


def arbiter_overdue(task: Task, now: datetime) -> bool:
    dispute = task.arbitration
    due = dispute.clock.next_due if dispute is not None and dispute.open else None
    return due is not None and due <= now


def pass_over_arbiter(task: Task, register: Register, place_id: str, now: datetime, new_id: NewId) -> Party | None:
    """The arbiter did not decide in time: whoever stands one level above it is asked; None where nobody does."""
    assert task.arbitration is not None
    asked = task.arbitration
    arbiter = register.party(asked.arbiter_id)
    higher = higher_arbiter(register, arbiter, place_id, {*asked.passed_over, *refusals(task), task.responsible_id})
    task.arbitration = task.arbitration.escalate(higher, now)
    if higher is not None:
        call_in(task, higher.id, now, new_id)
    return higher


def arbitrate(task: Task, member: Member, party: Party, now: datetime, new_id: NewId) -> Assignment:
    """The arbiter decides who leads. That party answers for the task from now on, in place of the one that the duty
    names, and may not simply decline: what it objects, the arbiter judges.
    """
    permit(Action.ARBITRATE, task, member, now)
    if not party.may_lead:
        raise Invalid("Nobody was named.", [f"lead: a {party.kind} never leads; choose one of the `eligible` parties"])
    assert task.arbitration is not None
    task.arbitration = task.arbitration.settle(now, len(task.bounces), member_id=member.id, lead_id=party.id)
    hand_on(task, party.id, now, new_id)
    part = task.part_of(party.id)
    assert part is not None
    part.bound_by = member.party_id if party.id != member.party_id else None
    task.named_lead_id = party.id
    if part.joined and part.role is not AssignmentRole.LEAD:
        # It has joined already, and now it is decided what it has joined as.
        part.take_lead(part.assumed_by or member.id, now)
        leads(task, part, now)
    task.note_custody(now)
    return part
