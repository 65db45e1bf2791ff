"""Why a member may not act together with others in some way: help, whistle, judging, arbitration, merging."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.party import STREETS, Member, Role
from cloud.domain.duties.register import Register
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.refusals import Action, Refusal, forbidden, not_now
from cloud.domain.tasks.task import Task

JOINT: Final = frozenset(
    {
        Action.ARRIVE,
        Action.FINISH,
        Action.HELP,
        Action.WISH,
        Action.WHISTLE,
        Action.NO_WHISTLE,
        Action.JUDGE,
        Action.ARBITRATE,
        Action.MERGE,
        Action.UNMERGE,
    }
)

OFFICERS: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})
"""Roles that bind other parties, or decide between them."""


def may_whistle(register: Register, member: Member, place_id: str) -> bool:
    """Whether this member may whistle there: an officer of the street or township that serves the place."""
    party = register.parties.get(member.party_id)
    streets = party is not None and party.kind in STREETS and party.closeness(place_id) >= 0
    return streets and member.role in OFFICERS


def joint_refusal(action: Action, task: Task, member: Member, *, whistles: bool) -> Refusal | None:
    """Why the member's standing does not permit what the task's state does."""
    part = task.part_of(member.party_id)
    if action in (Action.ARRIVE, Action.FINISH):
        return _helpers_refusal(action, task, part, member)
    if action in (Action.WHISTLE, Action.NO_WHISTLE):
        if not whistles:
            return forbidden(
                "吹哨属于当地街道（乡镇）的管理人员",
                "To whistle belongs to officers of the street or township that serves the place; ask it to whistle.",
            )
        open_wish = action is Action.WHISTLE or task.wish is not None
        return None if open_wish else not_now("没有待答复的吹哨请求", "Nobody asks for a whistle here.")
    if action is Action.JUDGE:
        return _judge_refusal(task, member)
    if action is Action.ARBITRATE:
        return _arbiter_refusal(task, member)
    return _lead_refusal(action, task, part, whistles=whistles)


def _unmerge_refusal(part: Assignment | None, *, whistles: bool) -> Refusal | None:
    """Whoever was to work on it may say that it is a matter of its own: letting it rest is the greater danger."""
    if whistles or (part is not None and part.works):
        return None
    return forbidden(
        "撤销合并属于原事件的牵头或协办单位，或街道（乡镇）",
        "A merge is undone by who led or supported the incident that was merged, or by the street office.",
    )


def comes_after(task: Task, part: Assignment, member: Member) -> bool:
    """Whether a colleague is there already, and this person says now that they are, too. That counts where a life is at stake:
    what one person may do alone there is for who is on site (`floor.py`).
    """
    return task.life_safety and part.state is AssignmentState.ARRIVED and not part.has_there(member.id)


def _helpers_refusal(action: Action, task: Task, part: Assignment | None, member: Member) -> Refusal | None:
    wanted = {
        Action.ARRIVE: (AssignmentState.ACCEPTED,),
        Action.FINISH: (AssignmentState.ACCEPTED, AssignmentState.ARRIVED),
    }
    if part is None or part.role is not AssignmentRole.SUPPORT:
        return forbidden(
            "这一步属于协办单位，牵头单位请用“开始处置”或“报告已处置”",
            f"To {action} belongs to who supports; the lead starts the work and resolves it.",
        )
    later = action is Action.ARRIVE and comes_after(task, part, member)
    if part.state not in wanted[action] and not later:
        return not_now("请先接受，或贵单位已答复", f"Your party has {part.state} its part, so it cannot {action} now.")
    return None


def _lead_refusal(action: Action, task: Task, part: Assignment | None, *, whistles: bool) -> Refusal | None:
    if action is Action.UNMERGE:
        return _unmerge_refusal(part, whistles=whistles)
    if action is Action.MERGE and whistles:
        return None
    if part is None or part.role is not AssignmentRole.LEAD or not (part.joined or part is task.lead):
        return forbidden("只有牵头单位可以这样做", f"To {action} belongs to the lead that has accepted.")
    if not part.joined and part.state is not AssignmentState.DONE:
        return not_now("请先接受任务", f"Accept it first: your party has not accepted the lead, so it cannot {action}.")
    if action is Action.WISH and task.wish is not None:
        return not_now("已请求街道（乡镇）吹哨", "The street or township has been asked to whistle already.")
    return None


def _judge_refusal(task: Task, member: Member) -> Refusal | None:
    mine = [part for part in task.assignments if part.objected_at is not None and part.bound_by == member.party_id]
    if not mine:
        return forbidden("没有待贵单位裁定的异议", "No party has objected to what yours has bound it to.")
    if member.role not in OFFICERS:
        return forbidden("请由本单位管理人员裁定", "An objection is judged by an officer of the party that called.")
    return None


def _arbiter_refusal(task: Task, member: Member) -> Refusal | None:
    dispute = task.arbitration
    if dispute is None or not dispute.open:
        return not_now(
            "没有待裁定的牵头争议", "Nobody has to decide on the lead here: no second party has declined it."
        )
    if dispute.arbiter_id != member.party_id or member.role not in OFFICERS:
        return forbidden("裁定属于裁决单位的管理人员", "It is for an officer of the arbiter to decide who leads.")
    return None
