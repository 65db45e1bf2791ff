"""The rates that organisations are shown instead of points: response, solution, satisfaction, joint work, median times.

Every figure is a share or a median, never a count that more incidents would raise: whoever has the most incidents must
not gain by it. Exercises and what concerns a person's welfare never count. Response, solution and satisfaction are those
of art. 32 of Beijing's ordinance on prompt handling of complaints (接诉即办), joint work by caller and called of art. 33.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import Call, CallKind
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.domain.tasks.witness import Verdict

UNRATED: Final = frozenset({PartyKind.HOUSEHOLD, PartyKind.VOLUNTEER_TEAM, PartyKind.EXTERNAL})
"""Households and volunteers owe nothing and are people; external bodies have no account through which they could answer."""

PRIVATE_HAZARDS: Final = "welfare."


class Measure(StrEnum):
    RESPONSE = "response"
    SOLUTION = "solution"
    UNVERIFIED = "unverified"
    SATISFACTION = "satisfaction"
    JOINT_AS_CALLER = "joint_as_caller"
    JOINT_AS_CALLED = "joint_as_called"
    HELP_CAME = "help_came"
    WHISTLE_CAME = "whistle_came"
    OBJECTIONS_UPHELD = "objections_upheld"
    MEDIAN_ANSWER = "median_answer"
    MEDIAN_SOLUTION = "median_solution"


DEFINITIONS: Final[Mapping[Measure, Names]] = {
    Measure.RESPONSE: Names(
        "按时接受的牵头或协办指派 ÷ 本期提出且应有答复的指派；谢绝和逾期计入分母，答复前已处置完毕的不计",
        "parts as lead or support accepted in time ÷ parts asked for in the period whose answer was due; declined and late"
        " ones stay below the line, what was over before an answer was due does not count",
    ),
    Measure.SOLUTION: Names(
        "经核验已修复或已缓解的牵头任务 ÷ 本期关闭的牵头任务加上本期到期仍未处置的任务；误报、重复、无需处置、自行恢复、未经核验关闭的"
        "不计",
        "tasks led and verified as fixed or mitigated ÷ tasks led that were closed in the period, and those that fell due"
        " in it and are unresolved; false alarms, duplicates, what needed nothing, what cleared by itself and what was closed"
        " unverified do not count",
    ),
    Measure.UNVERIFIED: Names(
        "报告人七日未评价而关闭的牵头任务 ÷ 本期关闭且报告已修复或已缓解的牵头任务；无人核验，不计入处置率",
        "tasks led that were closed because their reporter did not answer ÷ tasks led that were closed in the period as fixed or"
        " mitigated; nobody has verified them, and the solution rate does not count them",
    ),
    Measure.SATISFACTION: Names(
        "评价为“好”的牵头任务 ÷ 本期经报告人评价的牵头任务；退回计为不满意",
        "tasks led that their reporter judged good ÷ tasks led that a reporter judged in the period; returned is not good",
    ),
    Measure.JOINT_AS_CALLER: Names(
        "由本单位请求（或经其申请吹哨）而有其他单位加入的牵头任务 ÷ 本期响应的牵头任务；职责本来指定的协办不计",
        "tasks led in which another party joined because the lead called it, or had it whistled for ÷ tasks led that were"
        " accepted in the period; supports that the duty itself names do not count",
    ),
    Measure.JOINT_AS_CALLED: Names(
        "已加入的协办 ÷ 本期被请求且应有答复的协办",
        "supports joined ÷ supports asked for in the period whose answer was due",
    ),
    Measure.HELP_CAME: Names(
        "本单位请求协同而到场（未定到场时限的，加入）的单位 ÷ 本期由本单位请求且已有结果的协同",
        "parties that came (where no limit to be on site was set: joined) when this party asked for help ÷ those it asked in"
        " the period whose outcome is known",
    ),
    Measure.WHISTLE_CAME: Names(
        "本单位吹哨后到场（未定到场时限的，加入）的单位 ÷ 本期由本单位吹哨且已有结果的单位；异议成立的计入分母",
        "parties that came (where no limit to be on site was set: joined) when this party whistled ÷ those it whistled for in"
        " the period whose outcome is known; one let off stays below the line",
    ),
    Measure.OBJECTIONS_UPHELD: Names(
        "被吹哨单位提出且成立的异议 ÷ 本期由本单位吹哨的单位；越低越好",
        "parties whose objection to this party's whistle was upheld ÷ those it whistled for in the period; lower is better",
    ),
    Measure.MEDIAN_ANSWER: Names(
        "从提出指派到接受的时间中位数（秒）", "median time from being asked for a part to accepting it, in seconds"
    ),
    Measure.MEDIAN_SOLUTION: Names(
        "从任务建立到报告已修复或已缓解的时间中位数（秒）；未经核验关闭的不计",
        "median time from a task's opening to the claim that it is fixed or mitigated, in seconds; without what was closed"
        " unverified",
    ),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """A reporter's verdict on a task."""

    task_id: str
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on, before `until`; `now` when it is looked at, since nobody is late for what is not due yet."""

    since: datetime
    until: datetime
    now: datetime

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.since <= moment < self.until


@dataclass(slots=True)
class Share:
    """A rate with what it is made of. Without a denominator there is no rate, rather than a perfect or a bad one."""

    numerator: int = 0
    denominator: int = 0

    def count(self, *, good: bool) -> None:
        self.denominator += 1
        self.numerator += good

    @property
    def rate(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None


@dataclass(slots=True)
class Times:
    """Durations of which the median is shown."""

    seconds: list[float] = field(default_factory=list)

    def take(self, length: timedelta) -> None:
        self.seconds.append(length.total_seconds())

    @property
    def median(self) -> float | None:
        return median(self.seconds) if self.seconds else None


@dataclass(slots=True)
class PartyRates:
    """What one party is shown for one period."""

    party_id: str
    shares: dict[Measure, Share]
    times: dict[Measure, Times]


_SHARES: Final = (
    Measure.RESPONSE,
    Measure.SOLUTION,
    Measure.UNVERIFIED,
    Measure.SATISFACTION,
    Measure.JOINT_AS_CALLER,
    Measure.JOINT_AS_CALLED,
    Measure.HELP_CAME,
    Measure.WHISTLE_CAME,
    Measure.OBJECTIONS_UPHELD,
)
_TIMES: Final = (Measure.MEDIAN_ANSWER, Measure.MEDIAN_SOLUTION)
_SOLVED: Final = frozenset({ResolutionReason.FIXED, ResolutionReason.MITIGATED})
_NO_MATTER: Final = frozenset(
    {
        ResolutionReason.FALSE_ALARM,
        ResolutionReason.DUPLICATE,
        ResolutionReason.NOT_ACTIONABLE,
        ResolutionReason.SELF_CLEARED,
    }
)
_REFUSED: Final = frozenset({AssignmentState.DECLINED, AssignmentState.EXPIRED})
_VOID: Final = frozenset({TaskState.MERGED, TaskState.CANCELLED})


def rates(
    tasks: Iterable[Task], parties: Iterable[Party], period: Period, judgements: Sequence[Judgement] = ()
) -> list[PartyRates]:
    """The rates of every organisation, in the order in which they are given."""
    found = {
        party.id: PartyRates(party.id, {m: Share() for m in _SHARES}, {m: Times() for m in _TIMES})
        for party in parties
        if party.kind not in UNRATED
    }
    verdicts = {judged.task_id: judged for judged in judgements if period.holds(judged.at)}
    for task in tasks:
        if task.mode != "real" or task.hazard.startswith(PRIVATE_HAZARDS) or task.state in _VOID:
            continue
        for part in task.assignments:
            if part.works and part.party_id in found:
                _count_part(found[part.party_id], task, part, period)
        for call in task.calls:
            if call.caller_id in found and period.holds(call.at):
                _count_call(found[call.caller_id], task, call, period)
        leader = found.get(led_by(task))
        if leader is not None:
            _count_led(leader, task, period)
            if task.id in verdicts:
                leader.shares[Measure.SATISFACTION].count(good=verdicts[task.id].verdict is Verdict.GOOD)
    return list(found.values())


def led_by(task: Task) -> str:
    """The party that held the lead last, also after its part is done; where nobody accepted, who was responsible."""
    held = [part for part in task.assignments if part.role is AssignmentRole.LEAD and _held(part)]
    return held[-1].party_id if held else task.responsible_id


def _held(part: Assignment) -> bool:
    return part.assumed_at is not None and part.renounced_at is None


def _answered_at(task: Task, part: Assignment) -> datetime | None:
    """When the party accepted. The lead's first answer stays a fact although its acknowledgement decayed later."""
    if part.assumed_at is not None:
        return part.assumed_at
    decayed = part.party_id == task.named_lead_id and part.state is AssignmentState.REQUESTED
    others = any(other.assumed_at for other in task.assignments if other.role is AssignmentRole.LEAD)
    return task.acknowledged_at if decayed and not others else None


def _count_part(into: PartyRates, task: Task, part: Assignment, period: Period) -> None:
    asked, answered = part.requested_at, _answered_at(task, part)
    if answered is not None:
        # A decayed lead was asked anew later than it first answered: what it answered was the opening of the task.
        asked = min(asked, task.opened_at) if answered < asked else asked
    if not period.holds(asked):
        return
    due = part.accept_by or asked + task.duty.tto
    over = task.resolved_at or task.closed_at
    needless = part.state is AssignmentState.RELEASED or (over is not None and over < due)
    decided = part.state in _REFUSED or (due <= min(period.now, period.until) and not needless)
    if answered is None and not decided:
        return
    in_time = answered is not None and answered <= due
    into.shares[Measure.RESPONSE].count(good=in_time)
    if answered is not None:
        into.times[Measure.MEDIAN_ANSWER].take(answered - asked)
    if part.role is AssignmentRole.SUPPORT:
        into.shares[Measure.JOINT_AS_CALLED].count(good=answered is not None and part.state not in _REFUSED)


def _count_led(into: PartyRates, task: Task, period: Period) -> None:
    if period.holds(task.acknowledged_at):
        into.shares[Measure.JOINT_AS_CALLER].count(good=_joined_when_called(task, into.party_id))
    reason = task.resolution.reason if task.resolution else None
    if period.holds(task.closed_at):
        if reason in _SOLVED:
            into.shares[Measure.UNVERIFIED].count(good=task.unverified)
            if task.unverified:
                return  # nobody found it good, and nobody bad
        if reason not in _NO_MATTER:
            into.shares[Measure.SOLUTION].count(good=reason in _SOLVED)
        if reason in _SOLVED and task.resolved_at is not None:
            into.times[Measure.MEDIAN_SOLUTION].take(task.resolved_at - task.opened_at)
    elif task.undone and period.holds(task.ttr.due_at) and task.ttr.due_at <= period.now:
        into.shares[Measure.SOLUTION].count(good=False)


def _joined_when_called(task: Task, leader: str) -> bool:
    """Whether a party joined that the leader called, or had the street or township whistle for."""
    called = (call for call in task.calls if leader in (call.caller_id, call.wish_of))
    return any(call.accepted_at is not None and call.declined_at is None for call in called)


def _count_call(into: PartyRates, task: Task, call: Call, period: Period) -> None:
    """Of the caller; the called party is counted by its part."""
    whistled = call.kind is CallKind.WHISTLE
    if whistled:
        into.shares[Measure.OBJECTIONS_UPHELD].count(good=call.upheld_at is not None)
    refused = call.declined_at is not None or (call.expired_at is not None and call.accepted_at is None)
    due = call.arrive_by or call.accept_by or call.at + task.duty.tto
    over = task.resolved_at or task.closed_at
    needless = call.released_at is not None or (over is not None and over < due)
    late = due <= min(period.now, period.until) and not needless
    if call.came or refused or late:
        into.shares[Measure.WHISTLE_CAME if whistled else Measure.HELP_CAME].count(good=call.came)
