"""How parties are asked: for which part, and until when each part is to be accepted, on site and done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.duties.duty import Duty
from cloud.domain.duties.routing import Routing
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.task import Task

NewId = Callable[[], str]

LEAST_TO_ANSWER: Final = timedelta(minutes=1)
"""How long a party has at least that is asked to lead because another did not: "seen in 10 s" is said of who watches the
panel, not of who is rung at home in its stead.
"""


def parts(routing: Routing, now: datetime, new_id: NewId, *, call: bool = True) -> list[Assignment]:
    """`call` False: nobody is called, so nobody owes an answer either."""
    duty = routing.duty
    roles = [
        (AssignmentRole.LEAD, (routing.lead,)),
        (AssignmentRole.SUPPORT, routing.supports),
        (AssignmentRole.OBSERVER, routing.observers),
    ]
    asked = [Assignment(new_id(), party.id, role, now) for role, parties in roles for party in parties]
    for part in asked if call else ():
        limit(part, duty, now)
    return asked


def limit(part: Assignment, duty: Duty, now: datetime) -> None:
    """Until when a part that was asked for now is to be accepted, on site and done."""
    if part.works:
        part.limited_at, part.finish_from, part.noted = now, None, frozenset()
        own = duty.limits_of(part.party_id) if part.role is AssignmentRole.SUPPORT else None
        arrive = own.arrive if own else duty.arrive
        part.accept_by = duty.after(now, (own and own.accept) or duty.tto)
        part.arrive_by = duty.after(now, arrive) if arrive else None
        part.finish_by = duty.after(now, (own and own.finish) or duty.ttr)


def call_in(
    task: Task, party_id: str, now: datetime, new_id: NewId, role: AssignmentRole = AssignmentRole.OBSERVER
) -> bool:
    """A ladder calls a party that had no part: it may look and speak from now on, and answer where it is to support.
    False when it had a part that does; one that was only told is asked to support now.
    """
    part = task.part_of(party_id)
    if part is None:
        part = Assignment(new_id(), party_id, role, now)
        task.assignments.append(part)
    elif role is AssignmentRole.SUPPORT and part.role is AssignmentRole.OBSERVER:
        part.role = role
        part.ask_again(now)
    else:
        return False
    limit(part, task.duty, now)
    return True


def climb_to(task: Task, party_id: str, now: datetime, new_id: NewId, role: AssignmentRole, *, may_lead: bool) -> None:
    """A ladder calls a party because nobody answers. One that may lead that there takes the lead by accepting; until it
    does, it owes nothing, whoever is named stays responsible, and the ladder climbs on. Any other is only told.
    """
    call_in(task, party_id, now, new_id, role)
    part = task.part_of(party_id)
    if may_lead and part is not None and part.role is not AssignmentRole.LEAD:
        part.climbed_at = part.climbed_at or now


def may_step_up(task: Task, part: Assignment) -> bool:
    """Whether accepting makes the lead of a party that the ladder has climbed to, whatever it was before."""
    return part.climbed_at is not None and part.role is not AssignmentRole.LEAD and not task.led


def step_up(task: Task, part: Assignment, now: datetime) -> None:
    """It is about to accept: as the lead where nobody is, else it joins what another leads."""
    lead = may_step_up(task, part)
    if part.climbed_at is None or part.role is AssignmentRole.LEAD or (part.works and not lead):
        return
    part.role = AssignmentRole.LEAD if lead else AssignmentRole.SUPPORT
    if not part.joined:
        limit(part, task.duty, now)


def hand_on(task: Task, party_id: str, now: datetime, new_id: NewId) -> None:
    """This party may take the lead from now on, and until it accepts who was named stays responsible. Who has joined
    already stays joined, and is asked whether it takes the lead as well.
    """
    part = task.part_of(party_id)
    if part is None:
        part = Assignment(new_id(), party_id, AssignmentRole.LEAD, now)
        task.assignments.append(part)
    elif part.role is not AssignmentRole.LEAD and part.joined and part.works:
        part.lead_by = part.lead_by or answer_by(task.duty, now)
        return
    elif part.role is not AssignmentRole.LEAD:
        part.role = AssignmentRole.LEAD
        part.ask_again(now)
    elif not part.joined and part.state is not AssignmentState.REQUESTED:
        part.ask_again(now)
    else:
        return
    limit(part, task.duty, now)
    part.accept_by = answer_by(task.duty, now)


def wait_longer(task: Task, part: Assignment, since: datetime, now: datetime) -> None:
    """Its task was on hold since then."""
    part.postpone(since, now, task.duty.calendar)
    wait_longer_for_lead(task, part, since, now)


def wait_longer_for_lead(task: Task, part: Assignment, since: datetime, now: datetime) -> None:
    """Nobody has waited since then for whether it takes the lead as well: what was left to say so is left still, and who was
    asked meanwhile has the whole time.
    """
    if part.lead_by is not None:
        part.lead_by = min(part.lead_by + (now - since), answer_by(task.duty, now))


def answer_by(duty: Duty, now: datetime) -> datetime:
    """Until when who is asked in another's stead has to answer."""
    return duty.after(now, max(duty.tto, LEAST_TO_ANSWER))
