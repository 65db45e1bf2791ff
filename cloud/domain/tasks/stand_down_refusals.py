"""Why a member may not call the work off: the whole task (an officer), or one helper's part (the lead)."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.party import STREETS, Member, PartyKind, Role
from cloud.domain.duties.register import Register
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import CallKind
from cloud.domain.tasks.refusals import Action, Refusal, forbidden, not_now
from cloud.domain.tasks.task import Task

STAND_DOWN: Final = frozenset({Action.CANCEL, Action.RELEASE})

_RUNS_IT: Final = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
_OVERSEES: Final = frozenset({Role.OVERSEER, Role.ADMINISTRATOR})
_ENGAGED: Final = frozenset({AssignmentState.REQUESTED, AssignmentState.ACCEPTED, AssignmentState.ARRIVED})


_OVERSEERS: Final = frozenset({PartyKind.RESIDENTS_COMMITTEE, PartyKind.OWNERS_COMMITTEE, *STREETS})
"""Whose overseers oversee others: a firm's oversee the firm, and call off nobody's work."""


def may_cancel(register: Register, member: Member, place_id: str) -> bool:
    """Whether this member may cancel tasks there: a manager of who runs the estate; an overseer or administrator of a committee
    or of the street or township that serves the place.
    """
    if member.role_in(register.fallback.id) in _RUNS_IT:
        return True
    parties = (register.party(one.party_id) for one in member.memberships if one.role in _OVERSEES)
    return any(party.kind in _OVERSEERS and party.closeness(place_id) >= 0 for party in parties)


def stand_down_refusal(action: Action, task: Task, part: Assignment | None, *, cancels: bool) -> Refusal | None:
    """`cancels`: the member may cancel tasks at its place."""
    return _cancel_refusal(task, cancels=cancels) if action is Action.CANCEL else _release_refusal(task, part)


def _cancel_refusal(task: Task, *, cancels: bool) -> Refusal | None:
    if task.life_safety:
        return forbidden(
            "危及生命的任务不得取消",
            "Life safety is never cancelled: somebody looks, claims what they found, and a second person closes it.",
        )
    if not cancels:
        return forbidden(
            "取消任务属于小区管理单位负责人，或居委会、业委会、街道（乡镇）的监管人员",
            "To cancel belongs to a manager of who runs the estate, or an overseer of a committee or of the street or township;"
            " ask one of them.",
        )
    return None


def _release_refusal(task: Task, part: Assignment | None) -> Refusal | None:
    if part is None or part is not task.lead or not part.joined:
        return forbidden(
            "只有已响应的牵头单位可以解除协办", "To release a helper belongs to the lead that has accepted."
        )
    if not releasable(task):
        return not_now("没有可解除的协办单位", "Nobody who was asked for help has an open part here.")
    return None


def releasable(task: Task) -> tuple[str, ...]:
    """The helpers that the lead may let go: who was asked for help and has an open part. Not whom the duty itself names,
    nor whom a whistle or a ruling binds.
    """
    asked = {call.party_id for call in task.calls if call.kind is CallKind.HELP and call.open}
    return tuple(
        part.party_id
        for part in task.assignments
        if part.role is AssignmentRole.SUPPORT
        and part.state in _ENGAGED
        and part.bound_by is None
        and part.party_id in asked
    )
