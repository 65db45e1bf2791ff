"""The board as one view: tasks in their order, floods folded, and how much of the estate is heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.application.asking import views
from cloud.application.asking.depict import Depiction
from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.flood import floods, is_flood
from cloud.domain.tasks.task import TaskState


def board_view(uow: UnitOfWork, depict: Depiction, tasks: Sequence[views.TaskView]) -> views.BoardView:
    """The board with these open tasks, most urgent first."""
    estate = depict.register.estate.id
    nodes = {node.id: node for node in uow.nodes.of(estate)}
    heard = [node.heard_at for node in nodes.values() if node.heard_at]
    kinds: dict[str, int] = {}
    for item in depict.register.equipment.values():
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return views.BoardView(
        estate=depict.estate(),
        seq=uow.ledger.head(estate).seq,
        now=depict.now,
        tasks=sorted(tasks, key=urgency),
        nodes_online=sum(node.online for node in nodes.values()),
        nodes_total=len(nodes.keys() | depict.register.nodes.keys()),
        equipment={item.kind: kinds[item.kind] for item in depict.register.equipment.values()},
        oldest_word_at=min(heard, default=None),
        floods=_floods(uow, depict.register, tasks),
    )


def _floods(uow: UnitOfWork, register: Register, tasks: Sequence[views.TaskView]) -> list[views.FloodView]:
    """What of the open tasks is told as one; what its cause hides is out of sight already."""
    seen = [task.incident_id for task in tasks if task.hidden_by is None and not task.life_safety]
    if not is_flood(seen):
        return []
    found = floods(uow.incidents.among(seen).values(), register)
    return [views.FloodView(flood.id, flood.words(register), flood.ids) for flood in found]


def urgency(task: views.TaskView) -> tuple[bool, bool, int, int, datetime]:
    """The board's order: life safety, then what nobody answered, then severity, then the oldest; what is resolved and
    what its cause hides come after all that.
    """
    stage = 0 if task.state is TaskState.NEW else 1 if task.resolved_at is None else 2
    return task.hidden_by is not None, not task.life_safety, stage, -task.severity.rank, task.opened_at
