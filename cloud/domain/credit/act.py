"""A verified, useful act: who did which step of it, and who confirmed it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.credit.shapley import Step, Synergy
from cloud.domain.credit.table import DONE, ON_SITE, WORK, ActKind, CreditTable, Row
from cloud.domain.credit.together import JointWorth, Skills, joint_worth
from cloud.domain.duties.register import Register
from cloud.domain.exchange.small_task import SmallTask, SmallTaskState
from cloud.domain.incidents.alert import Mode
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.errors import Invalid


@dataclass(frozen=True, slots=True)
class CreditedStep:
    """One step of an act, and the members without whom it would not have been done."""

    step: str
    needed: frozenset[str]


@dataclass(frozen=True)
class Act:
    """What was done, after it was verified. `id` names its source, so that it is credited once, whoever asks again.

    `at`: when it was done; its day in the estate is the one that daily caps look at. `confirmed_by`: whoever verified
    it, at least one; they never earn from it. Exercises never earn. `skills`: who brought what others were sought for.
    """

    id: str
    kind: ActKind
    at: datetime
    steps: tuple[CreditedStep, ...]
    confirmed_by: frozenset[str]
    synergy: Synergy | None = None
    mode: Mode = "real"
    incident_id: str | None = None
    skills: Skills = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.confirmed_by:
            raise Invalid(
                f"Act {self.id} earns nothing yet.", ["confirmed_by: points are paid only after verification"]
            )

    def games(self, row: Row) -> tuple[Step, ...]:
        """Its steps with what the table says they are worth."""
        return tuple(Step(row.worth(done.step), done.needed) for done in self.steps)

    def joint_worths(self, table: CreditTable) -> tuple[JointWorth, ...]:
        """What the table declares to be worth more together, as far as it was."""
        found = (joint_worth(rule, self.skills) for rule in table.together) if self.kind is ActKind.RESPONSE else ()
        return tuple(one for one in found if one is not None)

    def synergies(self, table: CreditTable) -> tuple[Synergy, ...]:
        own = (self.synergy,) if self.synergy is not None else ()
        return (*own, *(one.synergy for one in self.joint_worths(table) if one.synergy is not None))


def deed(act_id: str, kind: ActKind, doers: Collection[str], at: datetime, confirmed_by: Iterable[str]) -> Act:
    """An act of one step, done by one or by several together: a patrol, a small task."""
    return Act(act_id, kind, at, (CreditedStep(DONE, frozenset(doers)),), frozenset(confirmed_by))


def small_task(task: SmallTask) -> Act | None:
    """A small task or patrol that another has confirmed; None as long as nobody has."""
    if task.state is not SmallTaskState.CONFIRMED or task.confirmed_by is None or task.done_at is None:
        return None
    # Who posted it asked for the work; they judge or vouch for it, and have no part in doing it.
    return deed(f"small-task:{task.id}", ActKind(task.kind.value), task.claimed_by, task.done_at, (task.confirmed_by,))


def hazard_report(
    report_id: str, reporter: str, at: datetime, confirmed_by: Iterable[str], *, known_since: datetime | None = None
) -> Act | None:
    """A confirmed hazard reported early. None when it was known already, by an alarm or an earlier report
    (`known_since`): to repeat what is known prevents nothing.
    """
    if known_since is not None and known_since <= at:
        return None
    return deed(f"report:{report_id}", ActKind.HAZARD_REPORT, (reporter,), at, confirmed_by)


USEFUL: Final = frozenset({ResolutionReason.FIXED, ResolutionReason.MITIGATED})
_DONE: Final = frozenset({AssignmentState.DONE})


def task_prefix(task_id: str) -> str:
    return f"task:{task_id}/"


def response(task: Task, register: Register, closed_by: str) -> Act | None:
    """The help of residents and volunteers in a task that was closed with verification; None where there was none.

    Two steps: to come, for all of them who worked on site; and the work, for those whose part is done, where the matter
    was fixed or mitigated. What professionals do is their duty and no step of this act, so the pot is the same however
    come: to call more neighbours than are needed earns nobody anything. What the parties of those workers are able to, they have brought.
    """
    if task.mode != "real" or task.state is not TaskState.CLOSED or task.closed_at is None:
        return None
    helpers = frozenset(id_ for id_ in task.workers if _helps(id_, register))
    if not helpers:
        return None
    steps = [CreditedStep(ON_SITE, helpers)]
    skills: Skills = {}
    finished = {part.party_id for part in task.assignments if part.state in _DONE}
    workers = frozenset(id_ for id_ in helpers if register.members[id_].party_id in finished)
    if workers and task.resolution is not None and task.resolution.reason in USEFUL:
        steps.append(CreditedStep(WORK, workers))
        skills = _brought(task, workers, register)
    return Act(
        id=f"{task_prefix(task.id)}{task.reopened_count}",
        kind=ActKind.RESPONSE,
        at=task.resolved_at or task.closed_at,
        steps=tuple(steps),
        confirmed_by=frozenset({closed_by, *(check.member_id for check in task.checks)}),
        incident_id=task.incident_id,
        skills=skills,
    )


def _brought(task: Task, workers: Iterable[str], register: Register) -> Skills:
    """By capability, who of the workers acts for a party that brought it: what it was called for, or, where it was asked by name or
    by the duty, what the register says that it can do. What people say of themselves is no ground for points.
    """
    sought: dict[str, set[str]] = {}
    for call in task.calls:
        if call.capability is not None and call.came:
            sought.setdefault(call.party_id, set()).add(call.capability)
    found: dict[str, frozenset[str]] = {}
    for id_ in workers:
        party = register.party(register.members[id_].party_id)
        for capability in sought.get(party.id, party.capabilities):
            found[capability] = found.get(capability, frozenset()) | {id_}
    return found


def _helps(member_id: str, register: Register) -> bool:
    member = register.members.get(member_id)
    return member is not None and is_neighbour(member, register.party(member.party_id))
