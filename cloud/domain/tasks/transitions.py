"""How a task moves: each deed of a person and each turn of the machine, checked before anything changes."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.community.party import Member
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import Ladder
from cloud.domain.duties.routing import Routing
from cloud.domain.incidents.alert import Mode
from cloud.domain.tasks.actions import Action, refusal
from cloud.domain.tasks.asking import NewId, limit, parts, step_up, wait_longer
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import Clock, ClockKind
from cloud.domain.tasks.custody import Passing
from cloud.domain.tasks.fire import await_word
from cloud.domain.tasks.floor import require_proof
from cloud.domain.tasks.task import NEXT, Check, Resolution, ResolutionReason, Task, TaskState
from cloud.domain.tasks.verification import needs_of, self_clear_at, settles_at
from cloud.errors import Conflict, Invalid, NotAllowed


def open_task(
    task_id: str, *, estate: str, incident_id: str, hazard: str, life_safety: bool, mode: Mode, routing: Routing,
    now: datetime, new_id: NewId, call: bool = True,
) -> Task:  # fmt: skip
    """A new task for the parties the routing found. `call` False: dated and late, so nobody is called (wire.md, Late data)."""
    duty = routing.duty
    ladder = Ladder.start(duty.ladder, now, duty.calendar)
    task = Task(
        id=task_id,
        estate=estate,
        incident_id=incident_id,
        hazard=hazard,
        life_safety=life_safety,
        mode=mode,
        duty=duty,
        named_lead_id=routing.lead.id,
        assignments=parts(routing, now, new_id, call=call),
        opened_at=now,
        tto=Clock.start(ClockKind.TTO, now, duty.tto, duty.calendar),
        ttr=Clock.start(ClockKind.TTR, now, duty.ttr, duty.calendar),
        ladder=ladder if call else ladder.rest(),
        trace=routing.trace,
    )
    task.note_custody(now)
    return task


def call_out(task: Task, now: datetime) -> None:
    """Clocks and ladder of a task that began as old news start now; whoever has answered it meanwhile has answered."""
    if task.state is TaskState.NEW:
        task.restart_clocks(now)
    for part in task.assignments:
        if part.state is AssignmentState.REQUESTED:
            limit(part, task.duty, now)


def enter(task: Task, state: TaskState) -> None:
    if state is not task.state and state not in NEXT[task.state]:
        raise Conflict(f"A task that is {task.state} cannot become {state}.")
    task.state = state


def permit(
    action: Action, task: Task, member: Member, now: datetime, *, whistles: bool = False, cancels: bool = False
) -> None:
    """Raises NotAllowed or Conflict, which say why not."""
    refused = refusal(action, task, member, now, whistles=whistles, cancels=cancels)
    if refused is not None:
        raise (NotAllowed if refused.forbidden else Conflict)(refused.text.en, refused.text.zh)


def checked(action: Action, task: Task, member: Member, now: datetime) -> Assignment:
    permit(action, task, member, now)
    part = task.part_of(member.party_id)
    assert part is not None
    return part


def end_hold(task: Task, now: datetime) -> None:
    """Nothing holds the task up any more: its clock and ladder go on with what was left to them."""
    if task.state is not TaskState.PENDING or task.held_since is None:
        return
    task.ttr = task.ttr.go_on(now)
    if task.ladder.due_at:
        task.ladder = task.ladder.postpone(task.duty.ladder, task.held_since, now)
    for held in task.assignments:
        wait_longer(task, held, task.held_since, now)
    at_work = any(part.state is AssignmentState.ARRIVED for part in task.assignments)
    enter(task, _IN_PROGRESS if at_work else _ACKNOWLEDGED if task.lead.joined else _NEW)
    task.deferred_until = task.pending_reason = task.held_since = None
    task.shows_work(task.responsible_id, now)


_NEW, _ACKNOWLEDGED, _IN_PROGRESS = TaskState.NEW, TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS


def acknowledge(task: Task, member: Member, now: datetime) -> Assignment:
    """The member's party accepts its part. When it is the lead the task is acknowledged and its TTO clock stops;
    a supporter's answer never stops it: the ladder goes on until who is responsible has answered.
    """
    part = checked(Action.ACKNOWLEDGE, task, member, now)
    if part.role is AssignmentRole.LEAD and _led_by_another(task, part):
        # There is one lead: who comes later, however it was asked, joins what another leads.
        part.role = AssignmentRole.SUPPORT
    step_up(task, part, now)
    if part.joined:
        part.take_lead(member.id, now)
    else:
        part.accept(member.id, now)
    for call in task.open_calls(part.party_id):
        call.accepted_at = call.accepted_at or now
    if part.role is AssignmentRole.LEAD:
        leads(task, part, now)
    task.note_custody(now)
    return part


def leads(task: Task, part: Assignment, now: datetime) -> None:
    """This party has taken the lead: the task is acknowledged, and its TTO clock stops."""
    _takeover(task, part, now)
    task.shows_work(part.party_id, now)
    if task.state is TaskState.NEW:
        enter(task, TaskState.ACKNOWLEDGED)
        task.acknowledged_at = task.acknowledged_at or now
        task.tto = task.tto.meet(now)


def _led_by_another(task: Task, part: Assignment) -> bool:
    return any(
        other.role is AssignmentRole.LEAD and other.joined and other.handing_to != part.party_id
        for other in task.assignments
        if other is not part
    )


def _takeover(task: Task, part: Assignment, now: datetime) -> None:
    """Who had asked this party to take over hands over now; the work goes on under the new lead. Whoever leads has
    ended what was in dispute.
    """
    task.settle_dispute(now)
    for other in task.assignments:
        other.lead_by = None
        if other.joined and other.handing_to == part.party_id:
            end_hold(task, now)
            other.transfer(part.party_id, now)
            task.note_bounce(other.party_id, Passing.HANDED_OVER, now)
            if task.state is TaskState.IN_PROGRESS:
                enter(task, TaskState.ACKNOWLEDGED)


def start(task: Task, member: Member, now: datetime) -> Assignment:
    """Work begins, or another party joins it. Who works is there: the party has arrived."""
    part = checked(Action.START, task, member, now)
    end_hold(task, now)
    enter(task, TaskState.IN_PROGRESS)
    task.started_at = task.started_at or now
    task.workers |= {member.id}
    task.shows_work(part.party_id, now)
    if part.joined:
        arrived(task, part, member, now)
    return part


def arrived(task: Task, part: Assignment, member: Member, now: datetime) -> None:
    if part.state is not AssignmentState.ARRIVED:
        part.arrive(now)
    part.joined_by(member.id)
    for call in task.open_calls(part.party_id):
        call.arrived_at = call.arrived_at or now


def finished(task: Task, part: Assignment, now: datetime) -> None:
    part.finish(now)
    for call in task.open_calls(part.party_id):
        call.finished_at = now


def resolve(task: Task, member: Member, reason: ResolutionReason, now: datetime) -> Assignment:
    """A claim that it is done. Only time may say `self_cleared`. What waits for the closing goes on waiting."""
    if reason is ResolutionReason.SELF_CLEARED:
        raise Invalid(
            "'self_cleared' is what the sensor's quiet says when nobody came.",
            ["resolution_reason: choose fixed, mitigated, false_alarm, duplicate, not_actionable or unable_to_fix"],
        )
    part = checked(Action.RESOLVE, task, member, now)
    require_proof(task, part, member, reason)
    end_hold(task, now)
    enter(task, TaskState.RESOLVED)
    task.ladder = task.ladder.until_closed(task.duty.ladder)
    finished(task, part, now)
    task.workers |= {member.id}
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(reason, now, member.id, member.party_id)
    task.note_custody(now)
    return part


def close(task: Task, member: Member, now: datetime) -> None:
    """It is verified. The closing of somebody who did not do the work is the independent check."""
    checked(Action.CLOSE, task, member, now)
    if Need.INDEPENDENT in needs_of(task) and member.id not in task.workers:
        task.checks += (Check(Need.INDEPENDENT, now, member.id),)
    over(task, now)


def over(task: Task, now: datetime) -> None:
    """Closed, by whomever: nothing rings and nobody holds it any more."""
    enter(task, TaskState.CLOSED)
    task.closed_at, task.muted = now, None
    task.note_custody(now)


def reopen(task: Task, member: Member, now: datetime) -> None:
    """Somebody says it is not over."""
    checked(Action.REOPEN, task, member, now)
    begin_again(task, now)
    task.contested = task.quiet_since is not None


def _on_site(task: Task) -> frozenset[str]:
    """Who is there still: their work goes on, so the next claim is about it as well."""
    there = (part.present for part in task.assignments if part.engaged or part.state is AssignmentState.EXPIRED)
    return frozenset().union(*there)


def begin_again(task: Task, now: datetime) -> None:
    """Accepted parts stay, done ones are asked again, clocks start fresh; a fire's site has three minutes for a word again."""
    for part in task.assignments:
        if part.state is AssignmentState.DONE:
            part.ask_again(now)
    if not any(part.role is AssignmentRole.LEAD and part.joined for part in task.assignments):
        reinstated(task)
    for part in task.assignments:
        if part.state is AssignmentState.REQUESTED:
            limit(part, task.duty, now)
        elif part.joined:
            part.finish_by = task.duty.after(now, task.duty.ttr)
            part.finish_from, part.noted = now, frozenset()
    accepted = task.lead.joined
    enter(task, TaskState.ACKNOWLEDGED if accepted else TaskState.NEW)
    task.reopened_count += 1
    task.started_at = task.closed_at = task.resolved_at = task.resolution = None
    task.checks, task.workers, task.presume_at = (), _on_site(task), None
    task.photos, task.unverified, task.refused_at = (), False, None
    task.restart_clocks(now)
    if accepted:
        task.tto = task.tto.meet(now)
        task.shows_work(task.responsible_id, now)
    if task.others_at is None:
        await_word(task, now)
    task.note_custody(now)


def decay(task: Task, now: datetime) -> None:
    """Who acknowledged, there or not, has shown no sign of work: it counts as unanswered again. That it was answered, and
    when, and who is on site stay facts; the ladder resumes, and no limit starts anew.
    """
    if task.decay_at is None or now < task.decay_at:
        raise Conflict(f"The acknowledgement of task {task.id} does not decay now.")
    enter(task, TaskState.NEW)
    task.note_bounce(task.responsible_id, Passing.DECAYED, now)
    task.lead.lapse(now)
    for part in reinstated(task):
        part.lapse(now)
    task.active_at = task.reminded_at = None
    task.ladder = task.ladder.resume(task.duty.ladder, now)
    task.note_custody(now)


def reinstated(task: Task) -> list[Assignment]:
    """Nobody leads any more. Who is named and only joined in meanwhile is the lead again: the parts that are, if any."""
    named = task.part_of(task.named_lead_id)
    if named is None or named.role is not AssignmentRole.SUPPORT:
        return []
    named.role = AssignmentRole.LEAD
    return [named] if named.joined else []


def self_clear(task: Task, now: datetime) -> None:
    """The sensor has been quiet for long enough and nobody had acknowledged."""
    due = self_clear_at(task)
    if due is None or now < due:
        raise Conflict(f"Task {task.id} does not clear by itself now.")
    enter(task, TaskState.RESOLVED)
    task.settle_dispute(now)
    task.ladder = task.ladder.until_closed(task.duty.ladder)
    task.resolved_at, task.ttr = now, task.ttr.meet(now)
    task.resolution = Resolution(ResolutionReason.SELF_CLEARED, now)


def settle(task: Task, now: datetime) -> None:
    """A self-cleared task has stayed quiet and its duty asks for nothing else."""
    due = settles_at(task)
    if due is None or now < due:
        raise Conflict(f"Task {task.id} does not close by itself now.")
    task.checks += (Check(Need.SENSOR, now, "clock"),)
    over(task, now)
