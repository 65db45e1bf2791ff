"""How a task follows its incident to a worse hazard: asked anew, or taken along by news that came late."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.duties.routing import Routing
from cloud.domain.tasks.asking import NewId, limit, parts
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.task import Task, TaskState


def worsen(task: Task, hazard: str, routing: Routing, *, life_safety: bool, now: datetime, new_id: NewId) -> None:
    """A worse hazard governs now: its duty is asked anew. Who had answered the lesser one is asked again, for nobody
    has answered *this*; parties that had a part keep one.
    """
    task.hazard, task.life_safety = hazard, life_safety
    for held in _adopt(task, routing, now, new_id):
        held.ask_again(now)
        limit(held, task.duty, now)
    _anew(task)
    task.restart_clocks(now)
    task.note_custody(now)


def follow_late(task: Task, hazard: str, routing: Routing, *, life_safety: bool, now: datetime, new_id: NewId) -> None:
    """A worse hazard came late and is over: the task is about it from now on, with its duty, parts and clocks. Nobody is
    asked again for it, and what people were being called for already goes on calling them.
    """
    calling = task.undone and task.ladder.due_at is not None
    task.hazard, task.life_safety = hazard, life_safety
    for held in _adopt(task, routing, now, new_id):
        if held.state is AssignmentState.DONE:
            held.ask_again(now)
        limit(held, task.duty, now)
    if not task.undone:
        task.reopened_count += 1
    if not (task.undone and task.lead.joined) or (life_safety and task.state is TaskState.PENDING):
        _anew(task)
    task.checks = ()
    task.restart_clocks(now)
    if task.lead.joined:
        task.tto = task.tto.meet(now)
        task.shows_work(task.responsible_id, now)
    if not calling:
        task.ladder = task.ladder.rest()
        _owe_no_answer(task)
    task.note_custody(now)


def _owe_no_answer(task: Task) -> None:
    """Nobody is called, so no request runs out."""
    for part in task.assignments:
        if part.state is AssignmentState.REQUESTED:
            part.accept_by = part.arrive_by = part.finish_by = None


def _adopt(task: Task, routing: Routing, now: datetime, new_id: NewId) -> list[Assignment]:
    """Another duty holds from now on; who has no part under it yet gets one. Gives the parts that go on under it."""
    task.duty, task.named_lead_id, task.trace = routing.duty, routing.lead.id, task.trace + routing.trace
    kept = []
    for wanted in parts(routing, now, new_id):
        held = task.part_of(wanted.party_id)
        if held is None:
            task.assignments.append(wanted)
        elif wanted.works:
            held.role = wanted.role
            kept.append(held)
    for part in task.assignments:
        if part.role is AssignmentRole.LEAD and part.party_id != routing.lead.id:
            part.role = AssignmentRole.SUPPORT
    return kept


def _anew(task: Task) -> None:
    """Nobody has answered this yet. That people were busy with it before, `workers`, is still true."""
    task.state = TaskState.NEW
    task.deferred_until = task.pending_reason = task.held_since = None
    task.started_at = task.closed_at = task.resolved_at = task.resolution = None
    task.checks = ()
