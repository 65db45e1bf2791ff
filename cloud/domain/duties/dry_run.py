"""What a changed matrix would have meant for what happened: past incidents routed by the old one and by the new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cloud.domain.community.work_calendar import Running
from cloud.domain.duties.duty import Duty, Need
from cloud.domain.duties.escalation import Condition, Importance, Step
from cloud.domain.duties.oversight import appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, route
from schemas.hazards import Severity, hazard


@dataclass(frozen=True, slots=True)
class PastCase:
    """A past incident, as far as routing asks about it."""

    incident_id: str
    hazard: str
    severity: Severity
    place_id: str
    equipment_id: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Climb:
    """A step of the ladder as it would have been taken. `every` and `times`: how it repeats, `times` None beside `every`
    without bound.
    """

    after: timedelta
    condition: Condition
    calls: tuple[str, ...]
    importance: Importance
    each_answers: bool
    call_sheet: bool
    every: timedelta | None
    times: int | None

    @classmethod
    def of(cls, step: Step, *, life_safety: bool) -> Climb:
        again = step.again
        return cls(
            step.delay, step.condition, tuple(str(target) for target in step.targets),
            step.weight(life_safety=life_safety), step.multi_ack, step.call_sheet, again.every if again else None, again.limit if again else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SupportLimits:
    """By when a support would have had to accept, be on site and be done."""

    party_id: str
    accept: timedelta | None
    arrive: timedelta | None
    finish: timedelta | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who would have answered it, by when, whom the ladder would have called without an answer, and what closing would
    have needed. `limits`: those of each support.
    """

    duty_id: str
    lead_id: str
    support_ids: tuple[str, ...]
    observer_ids: tuple[str, ...]
    tto: timedelta
    ttr: timedelta
    arrive: timedelta | None
    ladder: tuple[Climb, ...]
    numbers: tuple[str, ...]
    needs: tuple[Need, ...]
    resolve_delay: timedelta
    pause_reasons: tuple[str, ...]
    running: Running
    limits: tuple[SupportLimits, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A past incident that the changed matrix would have answered otherwise. `orphaned`: only the fallback party would lead."""

    case: PastCase
    before: Answer
    after: Answer
    orphaned: bool

    @property
    def lead_changes(self) -> bool:
        return self.before.lead_id != self.after.lead_id


def dry_run(now_in_force: Register, changed: Register, cases: Iterable[PastCase]) -> list[Difference]:
    """Those of the cases that would be answered differently, in the order given. Both registers are of one estate."""
    found = []
    for case in cases:
        before, after = _answer(now_in_force, case), _answer(changed, case)
        grave = hazard(case.hazard).life_safety
        old, new = _told(before, life_safety=grave), _told(after, life_safety=grave)
        if _without_name(old) != _without_name(new):
            found.append(Difference(case, old, new, after.duty.id != before.duty.id and _orphaned(after)))
    return found


def _answer(register: Register, case: PastCase) -> Routing:
    known = register.knows(case.equipment_id)
    appointed = appointment(register, case.hazard, case.equipment_id)
    return route(
        register, case.hazard, case.place_id, case.opened_at, severity=case.severity, known=known, appointed=appointed
    )


def _orphaned(routing: Routing) -> bool:
    return any(line.kind == "fallback" for line in routing.trace)


def _told(routing: Routing, *, life_safety: bool) -> Answer:
    duty: Duty = routing.duty
    steps = sorted(duty.ladder.steps, key=lambda step: step.delay)
    return Answer(
        duty.id,
        routing.lead.id,
        tuple(party.id for party in routing.supports),
        tuple(party.id for party in routing.observers),
        duty.tto,
        duty.ttr,
        duty.arrive,
        tuple(Climb.of(step, life_safety=life_safety) for step in steps),
        tuple(str(number) for number in duty.call_sheet),
        tuple(sorted(duty.needs)),
        duty.resolve_delay,
        tuple(sorted(duty.pause_reasons)),
        duty.running,
        tuple(sorted((_limits(duty, party.id) for party in routing.supports), key=lambda one: one.party_id)),
    )


def _limits(duty: Duty, party_id: str) -> SupportLimits:
    own = duty.limits_of(party_id)
    return SupportLimits(party_id, own.accept, own.arrive, own.finish)


def _without_name(answer: Answer) -> Answer:
    """A row that was merely renamed, or names its helpers in another order, changes nothing for anybody."""
    return replace(
        answer,
        duty_id="",
        support_ids=tuple(sorted(answer.support_ids)),
        observer_ids=tuple(sorted(answer.observer_ids)),
    )
