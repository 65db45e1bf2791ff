"""A report that nothing bears out yet pages the property alone; the other parties of the duty join it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind, PartyRef
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, TraceKind, TraceLine
from cloud.domain.tasks.asking import NewId, parts
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import enter

_PROPERTY: Final = PartyRef("kind", PartyKind.PROPERTY_MANAGER.value)


def property_first(routing: Routing, register: Register, place_id: str) -> Routing | None:
    """The same duty with the property alone; None where it is the only party anyway."""
    serving = register.meant(_PROPERTY, place_id)
    first = serving[0] if serving else register.fallback
    if routing.lead.id == first.id and not routing.supports and not routing.observers:
        return None
    text = Names(
        f"居民报告尚未证实：先通知{first.names.zh}",
        f"a resident's report that nothing bears out yet: {first.names.en} is paged first",
    )
    trace = (*routing.trace, TraceLine(TraceKind.SUPPORT, first.id, text))
    return replace(routing, lead=first, supports=(), observers=(), trace=trace)


def others_join(task: Task, routing: Routing, now: datetime, new_id: NewId) -> list[str]:
    """Everybody whom the duty names has a part from now on: the parties that are new. Who was paged first keeps its
    answer, and where another is to lead, that one has yet to answer.
    """
    first = task.part_of(task.named_lead_id)
    task.others_at, task.named_lead_id = None, routing.lead.id
    joined = []
    for wanted in parts(routing, now, new_id):
        held = task.part_of(wanted.party_id)
        if held is None:
            task.assignments.append(wanted)
            joined.append(wanted.party_id)
        elif held is first:
            held.role = wanted.role if wanted.works else AssignmentRole.SUPPORT
    if first is not None and first.party_id != routing.lead.id:
        if first.role is AssignmentRole.LEAD:
            first.role = AssignmentRole.SUPPORT
        if task.state in (TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS):
            enter(task, TaskState.NEW)
        task.restart_clocks(now)
    task.note_custody(now)
    return joined
