"""A report that nothing bears out yet pages the property alone; the other parties of the duty join it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind, PartyRef
from cloud.domain.duties.availability import at_work
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, TraceKind, TraceLine
from cloud.domain.tasks.asking import NewId, parts
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.succession import name_lead
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import enter

_PROPERTY: Final = PartyRef("kind", PartyKind.PROPERTY_MANAGER.value)


def property_first(routing: Routing, register: Register, place_id: str, now: datetime) -> Routing | None:
    """The same duty with the property alone; None where it is the only party anyway, and where nobody of it is at work:
    nobody waits three minutes for people who are not there.
    """
    serving = (*register.meant(_PROPERTY, place_id), register.fallback)
    first = next((party for party in serving if at_work(register, party, place_id, now)), None)
    if first is None or (routing.lead.id == first.id and not routing.supports and not routing.observers):
        return None
    text = Names(
        f"居民报告尚未证实：先通知{first.names.zh}",
        f"a resident's report that nothing bears out yet: {first.names.en} is paged first",
    )
    trace = (*routing.trace, TraceLine(TraceKind.SUPPORT, first.id, text))
    return replace(routing, lead=first, supports=(), observers=(), trace=trace)


def others_join(task: Task, routing: Routing, now: datetime, new_id: NewId) -> list[str]:
    """Everybody whom the duty names has a part from now on: the parties that are asked. Who was paged first keeps its
    answer, and where another is to lead, that one has yet to answer, also where it had declined what nothing bore out. A
    lead that an arbiter named, or that has taken over from who was paged first, stays the lead, and no clock starts anew.
    What is said to be done starts no clock: they are asked to look.
    """
    first, decided = task.part_of(task.named_lead_id), _decided(task)
    task.others_at = None
    asked = []
    for wanted in parts(routing, now, new_id):
        held = task.part_of(wanted.party_id)
        if wanted.role is AssignmentRole.LEAD and not decided:
            if held is None or held is not task.lead or not held.joined:
                asked.append(wanted.party_id)
            name_lead(task, wanted.party_id, now, new_id)
        elif held is None:
            wanted.role = AssignmentRole.SUPPORT if wanted.works else wanted.role
            task.assignments.append(wanted)
            asked.append(wanted.party_id)
        elif held is first and not decided:
            held.role = AssignmentRole.SUPPORT
    if first is not None and not decided and first.party_id != routing.lead.id:
        first.role = AssignmentRole.SUPPORT
        if not task.lead.joined and task.state in (TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS):
            enter(task, TaskState.NEW)
        if task.undone:
            task.restart_clocks(now)
        if task.lead.joined:
            task.tto = task.tto.meet(now)
    task.note_custody(now)
    return asked


def _decided(task: Task) -> bool:
    """Whether who leads was decided after the first was paged: by an arbiter, or by a party that took over."""
    arbitrated = task.arbitration is not None and task.arbitration.lead_id is not None
    took_over = task.lead.joined or task.lead.state is AssignmentState.DONE
    return arbitrated or (took_over and task.lead.party_id != task.named_lead_id)
