"""On whom an open task relies, so that they cannot vanish from the register while it is open."""

from __future__ import annotations

from cloud.domain.tasks.task import Task


def relied_on(task: Task) -> frozenset[str]:
    """The parties without which nobody might answer for it: who does now, who is named and would again if that one let go,
    who works or is still to answer, who is to decide.
    """
    engaged = {part.party_id for part in task.assignments if part.works and part.engaged}
    deciding = {task.arbitration.arbiter_id} if task.arbitration and task.arbitration.open else set()
    return frozenset({task.responsible_id, task.named_lead_id, *engaged, *deciding})
