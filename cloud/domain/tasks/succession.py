"""Who is asked to lead when a party does not: the next in line at once, and the arbiter after the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cloud.domain.community.party import ASSISTS, Member, Party
from cloud.domain.duties.availability import best_first, has_people
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


def eligible(register: Register, place_id: str, now: datetime) -> list[Party]:
    """The parties that somebody may name to lead there: those at work now, the closest first, then those out of their
    hours. One of which nobody is here could never answer.
    """
    may = [p for p in register.parties.values() if p.may_lead]
    return best_first(register, sorted(may, key=lambda p: (-p.closeness(place_id), p.id)), place_id, now)


def next_in_line(task: Task, register: Register, place_id: str, now: datetime) -> Party | None:
    """Whom the duty names after those who declined: its leads in their order, whoever supports and does not merely assist, the
    fallback party; who is out of its service hours comes after all that are at work, and who has nobody here is not asked.
    """
    able = best_first(register, _line(task, register, place_id), place_id, now)
    if has_people(register, register.fallback, now):
        able.append(register.fallback)  # it answers for whatever nobody else does, wherever its area is drawn
    return next((party for party in able if to_ask(task, party, place_id)), None)


def stand_in(task: Task, gone: str, register: Register, place_id: str, now: datetime) -> Party | None:
    """Who supports in the place of a party that does not: of those whom the duty means by the same reference the next that
    is here, takes no part yet, and is at work where any is.
    """
    meant = (register.meant(ref, place_id) for ref in task.duty.supports)
    row = next((parties for parties in meant if any(party.id == gone for party in parties)), ())
    able = best_first(register, row, place_id, now)
    return next((party for party in able if _spare(task, party)), None)


def _spare(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    return part is None or not part.works


def _line(task: Task, register: Register, place_id: str) -> Iterator[Party]:
    for ref in task.duty.leads:
        yield from register.meant(ref, place_id)
    for ref in task.duty.supports:
        yield from (party for party in register.meant(ref, place_id) if party.kind not in ASSISTS)
    yield register.fallback


def to_ask(task: Task, party: Party, place_id: str) -> bool:
    """Whether the party may be asked to lead, and neither is asked nor has refused."""
    part, may = task.part_of(party.id), party.may_lead_in(task.hazard, place_id)
    if part is None or not may:
        return may
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


def only_assists(task: Task, register: Register, party: Party, place_id: str) -> bool:
    """Whether the party is one that assists, and the duty names it nowhere as lead: it may take the lead over, and nobody makes
    it lead.
    """
    leads_of_duty = (one for ref in task.duty.leads for one in register.meant(ref, place_id))
    return party.kind in ASSISTS and all(one.id != party.id for one in leads_of_duty)


def nameable(task: Task, register: Register, member: Member, place_id: str, now: datetime) -> list[Party]:
    """The parties that an arbiter may name to lead: of the eligible ones none that only assists, but for its own, which may take
    it upon itself.
    """
    return [
        party
        for party in eligible(register, place_id, now)
        if party.id == member.party_id or not only_assists(task, register, party, place_id)
    ]


def arbitrate(task: Task, member: Member, party: Party, now: datetime, new_id: NewId) -> Assignment:
    """The arbiter decides who leads. That party answers for the task from now on, in place of the one that the duty
    names, and may not simply decline: what it objects, the arbiter judges.
    """
    permit(Action.ARBITRATE, task, member, now)
    if not party.may_lead:
        raise Invalid("Nobody was named.", [f"lead: a {party.kind} never leads; choose one of the `nameable` parties"])
    assert task.arbitration is not None
    task.arbitration = task.arbitration.settle(now, len(task.bounces), member_id=member.id, lead_id=party.id)
    part = name_lead(task, party.id, now, new_id)
    part.bound_by = member.party_id if party.id != member.party_id else None
    task.note_custody(now)
    return part


def name_lead(task: Task, party_id: str, now: datetime, new_id: NewId) -> Assignment:
    """This party is the one that answers for the task from now on: it is asked to lead, also where it declined before."""
    hand_on(task, party_id, now, new_id)
    part = task.part_of(party_id)
    assert part is not None
    task.named_lead_id = party_id
    if part.joined and part.role is not AssignmentRole.LEAD:
        # It has joined already, and now it is decided what it has joined as.
        part.take_lead(part.assumed_by or party_id, now)
        leads(task, part, now)
    return part


def relieve(task: Task, party_id: str, fallback: Party, now: datetime, new_id: NewId) -> bool:
    """A party that may not lead has the lead's part, by a matrix from before that was refused: it supports, and where no
    other is named the fallback party answers for the task. Whether that one is now.
    """
    part = task.part_of(party_id)
    if part is None or part.role is not AssignmentRole.LEAD or party_id == fallback.id:
        return False
    part.role = AssignmentRole.SUPPORT
    others = [other for other in task.assignments if other.role is AssignmentRole.LEAD]
    if others and task.named_lead_id != party_id:
        return False
    name_lead(task, fallback.id, now, new_id)
    return True
