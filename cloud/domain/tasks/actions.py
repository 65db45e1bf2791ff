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


_STANDS: Final = {
    TaskState.ACKNOWLEDGED: "已有人响应、尚未开始处置",
    TaskState.IN_PROGRESS: "正在处置",
    TaskState.PENDING: "已搁置",
    TaskState.RESOLVED: "已报告处置、尚待核验",
    TaskState.CLOSED: "已办结",
    TaskState.MERGED: "已并入另一事件",
    TaskState.CANCELLED: "已取消",
}


def _state_refusal(action: Action, task: Task) -> Refusal | None:
    allowed = _IN_STATE.get(action, UNDONE)
    if task.state in allowed:
        return None
    if task.state is TaskState.NEW:
        return Refusal(Names("尚无人接受此任务，请先接受", "Nobody has accepted it yet: accept it first."))
    known = ", ".join(sorted(allowed)).replace("_", " ")
    return Refusal(
        Names(
            f"任务{_STANDS[task.state]}，现在不能这样做，请刷新查看",
            f"The task is {task.state.replace('_', ' ')}; to {action} it must be {known}. Reload it to see where it stands.",
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
            Names("只有已响应的牵头单位可以这样做", f"To {action} belongs to the lead that has accepted."),
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
                "知会单位仅了解情况，处置属于牵头和协办单位",
                f"An observer is told; to {action} belongs to the lead and who supports.",
            ),
            forbidden=True,
        )
    if action is Action.ACKNOWLEDGE and not _may_accept(task, part):
        return Refusal(Names("本单位已答复", f"Your party has already answered: it has {part.state} its part."))
    if action in (Action.HOLD, Action.DECLINE, Action.TRANSFER):
        return _aside_refusal(action, task, part)
    if action in (Action.START, Action.RESOLVE) and not part.joined:
        return Refusal(
            Names("请先接受任务", f"Accept it first: your party has not accepted its part, so it cannot {action}.")
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


_AHEAD: Final = {
    TaskState.NEW: (Action.ACKNOWLEDGE, Action.RESOLVE),
    TaskState.ACKNOWLEDGED: (Action.START, Action.RESOLVE),
    TaskState.IN_PROGRESS: (Action.RESOLVE,),
    TaskState.PENDING: (Action.RESOLVE,),
    TaskState.RESOLVED: (Action.CLOSE,),
    TaskState.CLOSED: (Action.REOPEN,),
}
"""In each state the steps towards the end, and from it back, for which somebody looks who does not find them."""


def barred_actions(task: Task, member: Member | None, now: datetime) -> tuple[tuple[Action, Names], ...]:
    """The steps towards the end that this member cannot take now, each with why; one reason is said once."""
    said: dict[Names, Action] = {}
    steps = _AHEAD.get(task.state, ()) if member is not None else ()
    if member is not None and task.life_safety and task.state in UNDONE:
        steps = (*steps, Action.MUTE)
    for action in steps:
        why = refusal(action, task, member, now) if member is not None else None
        if why is not None:
            said.setdefault(why.text, action)
    return tuple((action, why) for why, action in said.items())
