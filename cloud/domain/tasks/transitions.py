"""How a task moves: each deed of a person and each turn of the machine, checked before anything changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloud.domain.community.party import Member
from cloud.domain.duties.duty import Duty, Need
from cloud.domain.duties.escalation import Ladder
from cloud.domain.duties.routing import Routing
from cloud.domain.incidents.alert import Mode
from cloud.domain.tasks.actions import Action, needs_of, refusal
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import Clock, ClockKind
from cloud.domain.tasks.task import NEXT, Check, Resolution, ResolutionReason, Task, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed

NewId = Callable[[], str]


def open_task(
    task_id: str, *, estate: str, incident_id: str, hazard: str, life_safety: bool, mode: Mode, routing: Routing,
    now: datetime, new_id: NewId, call: bool = True,
) -> Task:  # fmt: skip
    """A new task for the parties the routing found. `call` False: dated and late, so nobody is called (wire.md, Late data)."""
    duty = routing.duty
    ladder = Ladder.start(duty.ladder, now, duty.calendar)
    return Task(
        id=task_id,
        estate=estate,
        incident_id=incident_id,
        hazard=hazard,
        life_safety=life_safety,
        mode=mode,
        duty=duty,
        named_lead_id=routing.lead.id,
        assignments=parts(routing, now, new_id),
        opened_at=now,
        tto=Clock.start(ClockKind.TTO, now, duty.tto, duty.calendar),
        ttr=Clock.start(ClockKind.TTR, now, duty.ttr, duty.calendar),
        ladder=ladder if call else ladder.rest(),
        trace=routing.trace,
    )


def call_out(task: Task, now: datetime) -> None:
    """Clocks and ladder of a task that began as old news start now; whoever has answered it meanwhile has answered."""
    if task.state is TaskState.NEW:
        task.restart_clocks(now)


def parts(routing: Routing, now: datetime, new_id: NewId) -> list[Assignment]:
    duty = routing.duty
    roles = [
        (AssignmentRole.LEAD, (routing.lead,)),
        (AssignmentRole.SUPPORT, routing.supports),
        (AssignmentRole.OBSERVER, routing.observers),
    ]
    asked = [Assignment(new_id(), party.id, role, now) for role, parties in roles for party in parties]
    for part in asked:
        limit(part, duty, now)
    return asked


def limit(part: Assignment, duty: Duty, now: datetime) -> None:
    """Until when a part that was asked for now is to be accepted, on site and done."""
    if part.works:
        part.accept_by = duty.after(now, duty.tto)
        part.arrive_by = duty.after(now, duty.arrive) if duty.arrive else None
        part.finish_by = duty.after(now, duty.ttr)


def enter(task: Task, state: TaskState) -> None:
    if state is not task.state and state not in NEXT[task.state]:
        raise Conflict(f"A task that is {task.state} cannot become {state}.")
    task.state = state


def checked(action: Action, task: Task, member: Member, now: datetime) -> Assignment:
    refused = refusal(action, task, member, now)
    if refused is not None:
        raise (NotAllowed if refused.forbidden else Conflict)(refused.text.en, refused.text.zh)
    part = task.part_of(member.party_id)
    assert part is not None
    return part


def end_hold(task: Task, now: datetime) -> None:
    """Nothing holds the task up any more: its clock and ladder go on with what was left to them."""
    if task.state is not TaskState.PENDING or task.held_since is None:
        return
    task.ttr = task.ttr.go_on(now)
    task.ladder = task.ladder.postpone(task.duty.ladder, task.held_since, now) if task.ladder.due_at else task.ladder
    at_work = any(part.state is AssignmentState.ARRIVED for part in task.assignments)
    enter(task, _IN_PROGRESS if at_work else _ACKNOWLEDGED if task.lead.joined else _NEW)
    task.deferred_until = task.pending_reason = task.held_since = None
    task.shows_work(now)


_NEW, _ACKNOWLEDGED, _IN_PROGRESS = TaskState.NEW, TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS


def acknowledge(task: Task, member: Member, now: datetime) -> Assignment:
    """The member's party accepts its part. When it is the lead the task is acknowledged and its TTO clock stops;
    a supporter's answer never stops it: the ladder goes on until who is responsible has answered.
    """
    part = checked(Action.ACKNOWLEDGE, task, member, now)
    part.accept(member.id, now)
    task.shows_work(now)
    if part.role is AssignmentRole.LEAD:
        _take_over(task, part, now)
    if part.role is AssignmentRole.LEAD and task.state is TaskState.NEW:
        enter(task, TaskState.ACKNOWLEDGED)
        task.acknowledged_at = task.acknowledged_at or now
        task.tto = task.tto.meet(now)
    return part


def _take_over(task: Task, part: Assignment, now: datetime) -> None:
    """Who had asked this party to take over hands over now; the work goes on under the new lead."""
    for other in task.assignments:
        if other.joined and other.handing_to == part.party_id:
            end_hold(task, now)
            other.transfer(part.party_id, now)
            if task.state is TaskState.IN_PROGRESS:
                enter(task, TaskState.ACKNOWLEDGED)


def start(task: Task, member: Member, now: datetime) -> Assignment:
    """Work begins, or another party joins it. Who works is there: the party has arrived."""
    part = checked(Action.START, task, member, now)
    end_hold(task, now)
    enter(task, TaskState.IN_PROGRESS)
    task.started_at = task.started_at or now
    task.workers |= {member.id}
    task.shows_work(now)
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
    part = checked(Action.RESOLVE, task, member, now)
    end_hold(task, now)
    enter(task, TaskState.RESOLVED)
    part.finish(now)
    task.workers |= {member.id}
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(reason, now, member.id, member.party_id)
    return part


def close(task: Task, member: Member, now: datetime) -> None:
    """It is verified. The closing of somebody who did not do the work is the independent check."""
    checked(Action.CLOSE, task, member, now)
    if Need.INDEPENDENT in needs_of(task):
        task.checks += (Check(Need.INDEPENDENT, now, member.id),)
    enter(task, TaskState.CLOSED)
    task.closed_at = now


def reopen(task: Task, member: Member, now: datetime) -> None:
    """Somebody says it is not over."""
    checked(Action.REOPEN, task, member, now)
    begin_again(task, now)
    task.contested = task.quiet_since is not None


def begin_again(task: Task, now: datetime) -> None:
    """Accepted parts stay, done ones are asked again, clocks start fresh."""
    for part in task.assignments:
        if part.state is AssignmentState.DONE:
            part.ask_again(now)
        if part.state is AssignmentState.REQUESTED:
            limit(part, task.duty, now)
        elif part.joined:
            part.finish_by = task.duty.after(now, task.duty.ttr)
    accepted = task.lead.joined
    enter(task, TaskState.ACKNOWLEDGED if accepted else TaskState.NEW)
    task.reopened_count += 1
    task.started_at = task.closed_at = task.resolved_at = task.resolution = None
    task.checks, task.workers, task.presume_at = (), frozenset(), None
    task.restart_clocks(now)
    if accepted:
        task.tto = task.tto.meet(now)
        task.shows_work(now)


def decay(task: Task, now: datetime) -> None:
    """Who acknowledged has shown no sign of work: it counts as unanswered again. That it was answered, and when, stays a
    fact; the ladder resumes, and no limit starts anew.
    """
    if task.decay_at is None or now < task.decay_at:
        raise Conflict(f"The acknowledgement of task {task.id} does not decay now.")
    enter(task, TaskState.NEW)
    task.lead.ask_again(now)
    task.active_at = task.reminded_at = None
    task.ladder = task.ladder.resume(task.duty.ladder, now)


def self_clear(task: Task, now: datetime) -> None:
    """The sensor has been quiet for long enough and nobody had acknowledged."""
    if task.self_clear_at is None or now < task.self_clear_at:
        raise Conflict(f"Task {task.id} does not clear by itself now.")
    enter(task, TaskState.RESOLVED)
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(ResolutionReason.SELF_CLEARED, now)


def settle(task: Task, now: datetime) -> None:
    """A self-cleared task has stayed quiet and its duty asks for nothing else."""
    if task.settles_at is None or now < task.settles_at:
        raise Conflict(f"Task {task.id} does not close by itself now.")
    task.checks += (Check(Need.SENSOR, now, "clock"),)
    enter(task, TaskState.CLOSED)
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
    elif not part.joined and part.state is not AssignmentState.REQUESTED:
        part.ask_again(now)
    else:
        return
    limit(part, task.duty, now)
