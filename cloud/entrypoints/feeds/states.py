"""What a task's state is called where people outside read it."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.tasks.task import TaskState

STATES: Final = {
    TaskState.NEW: Names("未接单", "not accepted yet"),
    TaskState.ACKNOWLEDGED: Names("已接单", "accepted"),
    TaskState.IN_PROGRESS: Names("处理中", "in progress"),
    TaskState.PENDING: Names("暂停", "on hold"),
    TaskState.RESOLVED: Names("已处理，待核实", "done, to be verified"),
    TaskState.CLOSED: Names("已关闭", "closed"),
    TaskState.MERGED: Names("已并入另一事件", "goes on in another incident"),
    TaskState.CANCELLED: Names("已取消", "cancelled"),
}
