"""What a person may do with a task now, and why not: one function decides, for the button and for the deed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.duty import Need
from cloud.domain.tasks.asking import may_step_up
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.clearing import refused_refusal
from cloud.domain.tasks.floor import floor_refusal
from cloud.domain.tasks.joint_refusals import JOINT, comes_after, joint_refusal
from cloud.domain.tasks.promised_look import look_refusal
from cloud.domain.tasks.refusals import Action, Refusal
from cloud.domain.tasks.stand_down_refusals import STAND_DOWN, stand_down_refusal
from cloud.domain.tasks.task import OPEN, UNDONE, Task, TaskState
from cloud.domain.tasks.verification import ticks

__all__ = ["Action", "Refusal", "allowed_actions", "refusal"]


_IN_STATE: Final = {
    Action.ACKNOWLEDGE: UNDONE,
    Action.START: UNDONE - {TaskState.NEW},
    Action.RESOLVE: UNDONE - {TaskState.NEW},
    Action.CLOSE: frozenset({TaskState.RESOLVED}),
    Action.REOPEN: frozenset({TaskState.RESOLVED, TaskState.CLOSED}),
    Action.NOTE: frozenset(TaskState),
    Action.HOLD: frozenset({TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS}),
    Action.DECLINE: UNDONE,
    Action.TRANSFER: UNDONE - {TaskState.NEW},
    Action.MERGE: OPEN,
    Action.UNMERGE: frozenset({TaskState.MERGED}),
    Action.CHECK: frozenset({TaskState.RESOLVED}),
    Action.LOOK: frozenset({TaskState.RESOLVED}),
    Action.CANNOT_LOOK: frozenset({TaskState.RESOLVED}),
    Action.TURN_REAL: OPEN,
    Action.REFUSED: UNDONE - {TaskState.NEW},
}
"""In which states of a task each may be done; any other while it is not done. Made once: a board asks 25,000 times."""


def _state_refusal(action: Action, task: Task) -> Refusal | None:
    allowed = _IN_STATE.get(action, UNDONE)
    if task.state in allowed:
        return None
    known = ", ".join(sorted(allowed))
    return Refusal(
        Names(
            f"任务状态为 {task.state}，不能执行“{action}”",
            f"The task is {task.state}; to {action} it must be {known}. Reload it to see where it stands.",
        )
    )


_MAY_ACCEPT: Final = frozenset({AssignmentState.REQUESTED, AssignmentState.DECLINED, AssignmentState.EXPIRED})
"""Late help is help, and who declined may think better of it."""


def _may_accept(task: Task, part: Assignment) -> bool:
    """Whether it has an answer to give: to its part, or, having joined, to whether it takes the lead as well."""
    return part.state in _MAY_ACCEPT or part.lead_by is not None or (part.joined and may_step_up(task, part))


def _aside_refusal(action: Action, task: Task, part: Assignment) -> Refusal | None:
    """Why a party may not step aside in this way."""
    if action is Action.DECLINE:
        if part.objected_at is not None:
            return Refusal(
                Names("异议尚待召集方裁定", "What your party objected is still to be judged by who called it.")
            )
        if part.state in (AssignmentState.REQUESTED, AssignmentState.ACCEPTED):
            return None
        return Refusal(
            Names(
                "贵单位已在现场或已答复，不能谢绝",
                f"Your party cannot decline: it has {part.state} its part. Hand the lead over instead.",
            )
        )
    if part.role is not AssignmentRole.LEAD or not part.joined:
        return Refusal(
            Names(f"只有已响应的牵头单位可以执行“{action}”", f"To {action} belongs to the lead that has accepted."),
            forbidden=True,
        )
    if action is Action.HOLD and (task.life_safety or not task.duty.pause_reasons):
        return Refusal(Names("此任务不得搁置", "This task may not be put on hold: its duty knows no reason to wait."))
    return None


_FOR_ALL_IN_IT: Final = frozenset(
    {Action.CLOSE, Action.REOPEN, Action.NOTE, Action.CHECK, Action.LOOK, Action.CANNOT_LOOK, Action.TURN_REAL}
)
"""What the people of an observing party may do as well."""


def _part_refusal(action: Action, task: Task, part: Assignment) -> Refusal | None:
    if action in _FOR_ALL_IN_IT:
        return None
    if not part.works and not (action is Action.ACKNOWLEDGE and part.climbed_at is not None):
        return Refusal(
            Names(
                f"知会单位不能执行“{action}”", f"An observer is told; to {action} belongs to the lead and who supports."
            ),
            forbidden=True,
        )
    if action is Action.ACKNOWLEDGE and not _may_accept(task, part):
        return Refusal(Names("本单位已答复", f"Your party has already answered: it has {part.state} its part."))
    if action in (Action.HOLD, Action.DECLINE, Action.TRANSFER):
        return _aside_refusal(action, task, part)
    if action in (Action.START, Action.RESOLVE) and not part.joined:
        return Refusal(
            Names(
                "请先响应（接受）", f"Acknowledge first: your party has not accepted its part, so it cannot {action}."
            )
        )
    return None


def _close_refusal(task: Task, member: Member, now: datetime) -> Refusal | None:
    for tick in ticks(task, now):
        if tick.need is Need.SENSOR and not tick.done:
            minutes = task.duty.resolve_delay.total_seconds() / 60
            return Refusal(
                Names(
                    f"传感器尚未恢复并安静 {minutes:g} 分钟",
                    f"The sensor has not been quiet for {minutes:g} minutes yet; wait for it, or reopen if it still fires.",
                )
            )
        if tick.need is Need.INDEPENDENT and not tick.done and member.id in task.workers:
            return Refusal(
                Names(
                    "处置人不能独自核验，请由另一人关闭",
                    "Who did the work never verifies it alone: another person of a party to this task must close it.",
                ),
                forbidden=True,
            )
        if tick.need is Need.REPORTER and not tick.done:
            return Refusal(Names("报告人尚未评价", "The reporter has not judged the result yet."))
        if tick.need is Need.PHOTOS and not tick.done:
            return Refusal(Names("缺少处置前后的照片", "Photos of before and after are still missing."))
    return None


_AT_WORK: Final = (TaskState.IN_PROGRESS, AssignmentState.ARRIVED)


def refusal(
    action: Action, task: Task, member: Member, now: datetime, *, whistles: bool = False, cancels: bool = False
) -> Refusal | None:
    """Why this member may not do that now; None when they may. `whistles`, `cancels`: the member may whistle, or cancel
    tasks, at the task's place.
    """
    part = task.part_of(member.party_id)
    apart = action in JOINT or action is Action.CANCEL
    if member.role is Role.RESIDENT or (part is None and not apart):
        return Refusal(
            Names("贵单位未参与此任务", "Your party has no part in this task; ask its lead to call you in."),
            forbidden=True,
        )
    refused = _state_refusal(action, task)
    if refused is not None:
        return refused
    if action in JOINT:
        return joint_refusal(action, task, member, whistles=whistles)
    if action in STAND_DOWN:
        return stand_down_refusal(action, task, part, cancels=cancels)
    assert part is not None
    refused = _part_refusal(action, task, part)
    at_work = (task.state, part.state) == _AT_WORK and not comes_after(task, part, member)
    if refused is None and action is Action.START and at_work:
        refused = Refusal(Names("贵单位已在现场处置", "Your party is at work on site already."))
    if refused is None and action is Action.CLOSE:
        refused = _close_refusal(task, member, now)
    if refused is None and action in (Action.LOOK, Action.CANNOT_LOOK):
        refused = look_refusal(action, task, member, now)
    if refused is None and action is Action.REFUSED:
        refused = refused_refusal(task, part)
    return refused or floor_refusal(action, task, member, part)


def acting(task: Task, member: Member) -> Member:
    """The member as of the party for which they act on this task: of several the one that has most to do in it, their own
    before others.
    """
    order = list(AssignmentRole)
    parts = sorted(task.assignments, key=lambda part: (order.index(part.role), part.party_id != member.party_id))
    return member.acting_among(part.party_id for part in parts)


def allowed_actions(
    task: Task, member: Member | None, now: datetime, *, whistles: bool = False, cancels: bool = False
) -> tuple[Action, ...]:
    """What this member may do with the task now. Nobody may do nothing."""
    if member is None:
        return ()
    standing = {"whistles": whistles, "cancels": cancels}
    return tuple(action for action in Action if refusal(action, task, member, now, **standing) is None)
