"""How a task moves: each deed of a person and each turn of the machine, checked before anything changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloud.domain.actions import Action, needs_of, refusal
from cloud.domain.alert import Mode
from cloud.domain.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.clock import Clock, ClockKind
from cloud.domain.duty import Duty, Need
from cloud.domain.escalation import Ladder
from cloud.domain.party import Member
from cloud.domain.routing import Routing
from cloud.domain.task import NEXT, Check, Resolution, ResolutionReason, Task, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed

NewId = Callable[[], str]


def open_task(
    task_id: str, *, estate: str, incident_id: str, hazard: str, life_safety: bool, mode: Mode, routing: Routing,
    now: datetime, new_id: NewId, call: bool = True,
) -> Task:  # fmt: skip
    """A new task for the parties the routing found. `call` False: dated and late, so nobody is called (wire.md, Late data)."""
    duty = routing.duty
    ladder = Ladder.start(duty.ladder, now)
    return Task(
        id=task_id,
        estate=estate,
        incident_id=incident_id,
        hazard=hazard,
        life_safety=life_safety,
        mode=mode,
        duty=duty,
        named_lead_id=routing.lead.id,
        assignments=_parts(routing, now, new_id),
        opened_at=now,
        tto=Clock.start(ClockKind.TTO, now, duty.tto),
        ttr=Clock.start(ClockKind.TTR, now, duty.ttr),
        ladder=ladder if call else ladder.rest(),
        trace=routing.trace,
    )


def call_out(task: Task, now: datetime) -> None:
    """Clocks and ladder of a task that began as old news start now; whoever has answered it meanwhile has answered."""
    if task.state is TaskState.NEW:
        task.restart_clocks(now)


def _parts(routing: Routing, now: datetime, new_id: NewId) -> list[Assignment]:
    duty = routing.duty
    roles = [
        (AssignmentRole.LEAD, (routing.lead,)),
        (AssignmentRole.SUPPORT, routing.supports),
        (AssignmentRole.OBSERVER, routing.observers),
    ]
    parts = [Assignment(new_id(), party.id, role, now) for role, parties in roles for party in parties]
    for part in parts:
        _limit(part, duty, now)
    return parts


def _limit(part: Assignment, duty: Duty, now: datetime) -> None:
    """Until when a part that was asked for now is to be accepted, on site and done."""
    if part.works:
        part.accept_by = now + duty.tto
        part.arrive_by = now + duty.arrive if duty.arrive else None
        part.finish_by = now + duty.ttr


def _enter(task: Task, state: TaskState) -> None:
    if state is not task.state and state not in NEXT[task.state]:
        raise Conflict(f"A task that is {task.state} cannot become {state}.")
    task.state = state


def _checked(action: Action, task: Task, member: Member, now: datetime) -> Assignment:
    refused = refusal(action, task, member, now)
    if refused is not None:
        raise (NotAllowed if refused.forbidden else Conflict)(refused.text.en, refused.text.zh)
    part = task.part_of(member.party_id)
    assert part is not None
    return part


def acknowledge(task: Task, member: Member, now: datetime) -> Assignment:
    """The member's party accepts its part. When it is the lead the task is acknowledged and its TTO clock stops;
    a supporter's answer never stops it: the ladder goes on until who is responsible has answered.
    """
    part = _checked(Action.ACKNOWLEDGE, task, member, now)
    part.accept(member.id, now)
    if part.role is AssignmentRole.LEAD and task.state is TaskState.NEW:
        _enter(task, TaskState.ACKNOWLEDGED)
        task.acknowledged_at = task.acknowledged_at or now
        task.tto = task.tto.meet(now)
    return part


def start(task: Task, member: Member, now: datetime) -> Assignment:
    """Work begins, or another party joins it. Who works is there: the party has arrived."""
    part = _checked(Action.START, task, member, now)
    _enter(task, TaskState.IN_PROGRESS)
    task.started_at = task.started_at or now
    task.workers |= {member.id}
    if part.state is AssignmentState.ACCEPTED:
        part.arrive(now)
    return part


def resolve(task: Task, member: Member, reason: ResolutionReason, now: datetime) -> Assignment:
    """A claim that it is done. Only time may say `self_cleared`."""
    if reason is ResolutionReason.SELF_CLEARED:
        raise Invalid(
            "'self_cleared' is what the sensor's quiet says when nobody came.",
            ["resolution_reason: choose fixed, mitigated, false_alarm, duplicate, not_actionable or unable_to_fix"],
        )
    part = _checked(Action.RESOLVE, task, member, now)
    _enter(task, TaskState.RESOLVED)
    part.finish(now)
    task.workers |= {member.id}
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(reason, now, member.id, member.party_id)
    return part


def close(task: Task, member: Member, now: datetime) -> None:
    """It is verified. The closing of somebody who did not do the work is the independent check."""
    _checked(Action.CLOSE, task, member, now)
    if Need.INDEPENDENT in needs_of(task):
        task.checks += (Check(Need.INDEPENDENT, now, member.id),)
    _enter(task, TaskState.CLOSED)
    task.closed_at = now


def reopen(task: Task, member: Member, now: datetime) -> None:
    """Somebody says it is not over."""
    _checked(Action.REOPEN, task, member, now)
    begin_again(task, now)
    task.contested = task.quiet_since is not None


def begin_again(task: Task, now: datetime) -> None:
    """Accepted parts stay, done ones are asked again, clocks start fresh."""
    for part in task.assignments:
        if part.state is AssignmentState.DONE:
            part.ask_again(now)
        if part.state is AssignmentState.REQUESTED:
            _limit(part, task.duty, now)
        elif part.joined:
            part.finish_by = now + task.duty.ttr
    accepted = task.lead.joined
    _enter(task, TaskState.ACKNOWLEDGED if accepted else TaskState.NEW)
    task.reopened_count += 1
    task.started_at = task.closed_at = task.resolved_at = task.resolution = None
    task.checks, task.workers = (), frozenset()
    task.restart_clocks(now)
    if accepted:
        task.tto = task.tto.meet(now)


def worsen(task: Task, hazard: str, routing: Routing, *, life_safety: bool, now: datetime, new_id: NewId) -> None:
    """A worse hazard governs now: its duty is asked anew. Who had answered the lesser one is asked again, for nobody
    has answered *this*; parties that had a part keep one.
    """
    task.hazard, task.life_safety = hazard, life_safety
    task.duty, task.named_lead_id, task.trace = routing.duty, routing.lead.id, task.trace + routing.trace
    for wanted in _parts(routing, now, new_id):
        held = task.part_of(wanted.party_id)
        if held is None:
            task.assignments.append(wanted)
        elif wanted.works:
            held.role = wanted.role
            held.ask_again(now)
            _limit(held, task.duty, now)
    for part in task.assignments:
        if part.role is AssignmentRole.LEAD and part.party_id != routing.lead.id:
            part.role = AssignmentRole.SUPPORT
    if task.state is not TaskState.NEW:
        task.state = TaskState.NEW
    task.started_at = task.closed_at = task.resolved_at = task.resolution = None
    task.checks = ()
    task.restart_clocks(now)


def self_clear(task: Task, now: datetime) -> None:
    """The sensor has been quiet for long enough and nobody had acknowledged."""
    if task.self_clear_at is None or now < task.self_clear_at:
        raise Conflict(f"Task {task.id} does not clear by itself now.")
    _enter(task, TaskState.RESOLVED)
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(ResolutionReason.SELF_CLEARED, now)


def settle(task: Task, now: datetime) -> None:
    """A self-cleared task has stayed quiet and its duty asks for nothing else."""
    if task.settles_at is None or now < task.settles_at:
        raise Conflict(f"Task {task.id} does not close by itself now.")
    task.checks += (Check(Need.SENSOR, now, "clock"),)
    _enter(task, TaskState.CLOSED)
    task.closed_at = now


def call_in(task: Task, party_id: str, now: datetime, new_id: NewId) -> bool:
    """A ladder calls a party that had no part: it may look and speak from now on. False when it had one."""
    if task.part_of(party_id) is not None:
        return False
    task.assignments.append(Assignment(new_id(), party_id, AssignmentRole.OBSERVER, now))
    return True


def hand_on(task: Task, party_id: str, now: datetime, new_id: NewId) -> None:
    """Nobody answered: this party may take the lead from now on, and until it accepts who was named stays responsible."""
    part = task.part_of(party_id)
    if part is None:
        part = Assignment(new_id(), party_id, AssignmentRole.LEAD, now)
        task.assignments.append(part)
    elif part.role is not AssignmentRole.LEAD:
        part.role = AssignmentRole.LEAD
        part.ask_again(now)
    else:
        return
    _limit(part, task.duty, now)
