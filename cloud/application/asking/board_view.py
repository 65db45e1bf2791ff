"""The board as one view: tasks in their order, floods folded, and how much of the estate is heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from cloud.application.asking import views
from cloud.application.asking.depict import Depiction
from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.flood import floods, is_flood
from cloud.domain.tasks.task import TaskState


def board_view(uow: UnitOfWork, depicts: Sequence[Depiction], tasks: Sequence[views.TaskView]) -> views.BoardView:
    """The board with these open tasks, most urgent first, of one estate or of several; of those the first is its own."""
    first, registers = depicts[0], {one.register.estate.id: one.register for one in depicts}
    nodes = {(node.estate, node.id): node for node in uow.nodes.of_estates(registers)}
    named = {(estate, node) for estate, register in registers.items() for node in register.nodes}
    heard = [node.heard_at for node in nodes.values() if node.heard_at]
    kinds = Counter(item.kind for register in registers.values() for item in register.equipment.values())
    return views.BoardView(
        estate=first.estate(),
        seq=uow.ledger.head(first.register.estate.id).seq,
        now=first.now,
        tasks=sorted(tasks, key=urgency),
        nodes_online=sum(node.online for node in nodes.values()),
        nodes_total=len(nodes.keys() | named),
        equipment=dict(kinds),
        oldest_word_at=min(heard, default=None),
        floods=_floods(uow, registers, tasks),
    )


def _floods(
    uow: UnitOfWork, registers: Mapping[str, Register], tasks: Sequence[views.TaskView]
) -> list[views.FloodView]:
    """What of an estate's open tasks is told as one; what its cause hides is out of sight already."""
    found: list[views.FloodView] = []
    for estate, register in registers.items():
        here = (task for task in tasks if task.estate == estate)
        seen = [task.incident_id for task in here if task.hidden_by is None and not task.life_safety]
        if is_flood(seen):
            known = floods(uow.incidents.among(seen).values(), register)
            found += [views.FloodView(flood.id, flood.words(register), flood.ids) for flood in known]
    return found


def urgency(task: views.TaskView) -> tuple[bool, bool, int, int, datetime]:
    """The board's order: life safety, then what nobody answered, then severity, then the oldest; what is resolved and
    what its cause hides come after all that.
    """
    stage = 0 if task.state is TaskState.NEW else 1 if task.resolved_at is None else 2
    return task.hidden_by is not None, not task.life_safety, stage, -task.severity.rank, task.opened_at


def is_unanswered_alarm(task: views.TaskView) -> bool:
    """What the banner and the sound are for: a life may be at stake and nobody has said that they are on it. No exercise is."""
    return task.life_safety and task.state is TaskState.NEW and task.mode == "real"
