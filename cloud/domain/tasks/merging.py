"""Two tasks about one matter become one, at a person's word: nothing open is lost, and the earliest deadline wins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks import fire
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.hiding import show
from cloud.domain.tasks.refusals import Refusal, forbidden, not_now
from cloud.domain.tasks.sight import private
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import end_hold, enter, permit
from cloud.errors import Conflict, NotAllowed
from schemas.hazards import Severity, hazard

_ENGAGED: Final = (AssignmentState.REQUESTED, AssignmentState.ACCEPTED, AssignmentState.ARRIVED)
"""Open parts, the least engaged first."""


_ANOTHER: Final = ("请选择本小区的另一个任务", "Name another task of the same estate.")
_EXERCISE: Final = ("演练与真实事件不得合并", "An exercise is never merged with what is real.")
_OVER: Final = (
    "目标任务已无人处置",
    "Nobody works on the task to merge into any more: choose an open one, or reopen it first.",
)
_LIFE: Final = (
    "涉及生命安全的任务只能并入同样涉及生命安全的任务",
    "Life safety merges only into life safety: merge the other one into this.",
)
_OTHER_DANGER: Final = (
    "不同类型的生命安全险情各有处置职责，不得合并",
    "These two put life at risk in different ways: each keeps its own duty and call sheet.",
)
_ELSEWHERE: Final = (
    "两处都涉及生命安全，须分别到场处置，不得合并",
    "Life is at stake in two places, and somebody has to come to each: only one lift, door or burning building is one matter.",
)
_HOME: Final = (
    "涉及居民家中的事件不得合并",
    "What concerns a home is nobody else's to see: it is merged with nothing.",
)
_FIRE: Final = (
    "火灾报警可能推定为火灾，请将另一事件并入本事件",
    "A fire alarm without word from the site is presumed to be a fire, and the other never is: merge the other one into this.",
)
_GRAVER: Final = ("请将较轻的任务并入较重的任务", "This one is graver: merge the other one into this.")


@dataclass(frozen=True, slots=True)
class Pair:
    """The incident that would end, and the one that would stay, in their estate."""

    ends: Incident
    stays: Incident
    register: Register

    @property
    def severities(self) -> tuple[Severity, Severity]:
        return self.ends.severity, self.stays.severity

    @property
    def one_place(self) -> bool:
        """Whether whoever comes to the one has come to the other: to one lift, door or detector, or to one burning building."""
        if self.ends.equipment_id == self.stays.equipment_id:
            return True
        fires = all(hazard(one.hazard).family == "fire" for one in (self.ends, self.stays))
        buildings = {self.register.building_of(one.place_id) for one in (self.ends, self.stays)}
        return fires and len(buildings) == 1


def merge_refusal(task: Task, into: Task, pair: Pair) -> Refusal | None:
    """Why these two cannot become one."""
    mine, theirs = pair.severities
    lives, presumed = (task.life_safety, into.life_safety), (task.presumed_at is not None, into.presumed_at is not None)
    families = {hazard(task.hazard).family, hazard(into.hazard).family}
    grounds = (
        (into.id == task.id or into.estate != task.estate, _ANOTHER),
        (into.mode != task.mode, _EXERCISE),
        (not into.undone, _OVER),
        (lives == (True, False), _LIFE),
        (lives == (True, True) and len(families) > 1, _OTHER_DANGER),
        (lives == (True, True) and not pair.one_place, _ELSEWHERE),
        (private(task.hazard) or private(into.hazard), _HOME),
        ((lives[0], presumed[0], mine) > (lives[1], presumed[1], theirs), _GRAVER),
        (task.hazard in fire.ALARMS and into.hazard not in {*fire.ALARMS, fire.PRESUMED}, _FIRE),
    )
    return next((not_now(*words) for stands, words in grounds if stands), None)


def merge(task: Task, into: Task, member: Member, now: datetime, *, pair: Pair, whistles: bool) -> None:
    """`task` ends as merged; what is open of it goes on in `into`. Both keep their histories."""
    permit(Action.MERGE, task, member, now, whistles=whistles)
    refused = merge_refusal(task, into, pair)
    if refused is None and not whistles and into.part_of(member.party_id) is None:
        refused = forbidden(
            "贵单位未参与目标任务",
            "Your party has no part in the task to merge into; ask its lead, or the street office or township.",
        )
    if refused is not None:
        raise (NotAllowed if refused.forbidden else Conflict)(refused.text.en, refused.text.zh)
    for one in (task, into):
        end_hold(one, now)  # what was left when its wait began is left now, and only then is it known which is earlier
    show(task, now)
    for part in task.assignments:
        _move(part, into)
    _move_calls(task, into)
    _earliest(task, into)
    into.workers |= task.workers
    into.track_lost = into.track_lost or task.track_lost
    _witnesses(task, into)
    if task.quiet_since is None and task.sensed:
        into.fires()
    into.merged = (*into.merged, task.incident_id, *task.merged)
    into.note_custody(now)
    _end(task, into, now)


def _witnesses(task: Task, into: Task) -> None:
    """Who reported the one judges the other. Whoever waits to be called to both is called to the earlier; where everybody
    was called to the one that stays, nobody waits any more.
    """
    into.sensed = into.sensed or task.sensed
    into.reports += tuple(one for one in task.reports if one not in into.reports)
    into.photos += task.photos
    if into.others_at is not None and task.others_at is not None:
        into.others_at = min(into.others_at, task.others_at)


def _move(part: Assignment, into: Task) -> None:
    """An open part, or being told, moves; a party has one part. Who led the other task supports in this one."""
    if part.works and part.state not in _ENGAGED:
        return
    held = into.part_of(part.party_id)
    role = AssignmentRole.OBSERVER if not part.works else AssignmentRole.SUPPORT
    if held is None:
        into.assignments.append(replace(part, role=role, handing_to=None))
        return
    if not part.works:
        return
    if held.role is AssignmentRole.OBSERVER:
        held.role = AssignmentRole.SUPPORT
        _take_state(held, part)
        _limits(held, part, only=True)
    elif held.state in _ENGAGED:
        # Nobody has answered *this* lead by answering another task.
        further = _ENGAGED.index(part.state) > _ENGAGED.index(held.state)
        if further and held.role is AssignmentRole.SUPPORT:
            _take_state(held, part)
        _limits(held, part)
    elif held.role is AssignmentRole.SUPPORT:
        _take_state(held, part)
        _limits(held, part, only=True)
    if held.role is AssignmentRole.SUPPORT:
        held.bound_by = held.bound_by or part.bound_by


def _take_state(held: Assignment, part: Assignment) -> None:
    held.state, held.requested_at, held.limited_at = part.state, part.requested_at, part.limited_at
    held.assumed_at, held.assumed_by = part.assumed_at, part.assumed_by
    held.arrived_at, held.done_at, held.renounced_at, held.reason = part.arrived_at, None, None, None
    held.objected_at, held.noted, held.present = part.objected_at, part.noted, part.present


def _limits(held: Assignment, part: Assignment, *, only: bool = False) -> None:
    """The earliest deadline wins; `only`: the part's own are the only ones there are."""
    for limit in ("accept_by", "arrive_by", "finish_by"):
        both = [due for due in (None if only else getattr(held, limit), getattr(part, limit)) if due is not None]
        setattr(held, limit, min(both, default=None))


def _move_calls(task: Task, into: Task) -> None:
    """Open calls move, one per party; an earlier deadline of the one that goes holds for the one that stays."""
    staying = []
    for call in task.calls:
        if not call.open:
            staying.append(call)
            continue
        known = into.open_calls(call.party_id)
        if known:
            staying.append(call)
            for limit in ("accept_by", "arrive_by", "finish_by"):
                both = [due for due in (getattr(known[0], limit), getattr(call, limit)) if due is not None]
                setattr(known[0], limit, min(both, default=None))
        else:
            into.calls.append(replace(call, task_id=call.task_id or task.id))
    task.calls = staying
    into.wish = into.wish or task.wish


def _earliest(task: Task, into: Task) -> None:
    """Clocks, ladder and the wait for a word from a fire: whatever was due first is due first still, also of the steps that
    wait for an arrival or the closing once somebody has answered.
    """
    into.tto, into.ttr = into.tto.no_later_than(task.tto), into.ttr.no_later_than(task.ttr)
    waits = [at for at in (into.presume_at, task.presume_at) if at is not None]
    into.presume_at = min(waits, default=None)
    if into.ladder.due_at is not None:
        began = min(into.ladder.began_at, task.ladder.began_at)
        into.ladder = replace(into.ladder, began_at=began).aim(into.duty.ladder)


def _end(task: Task, into: Task, now: datetime) -> None:
    enter(task, TaskState.MERGED)
    task.merged_into, task.closed_at, task.wish = into.incident_id, now, None
    task.ladder, task.presume_at, task.track_lost = task.ladder.rest(), None, False
    task.others_at = task.muted = None
    task.deferred_until = task.pending_reason = task.held_since = None
    task.settle_dispute(now)
    for part in task.assignments:
        if part.state in _ENGAGED and part.works:
            part.release(now)
    task.note_custody(now)
