"""What a changed matrix would have meant for what happened: past incidents routed by the old one and by the new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud.domain.duties.duty import Duty
from cloud.domain.duties.oversight import appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, route
from schemas.hazards import Severity


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
class Answer:
    """Who would have answered it, by when, and whom the ladder would have called first without an answer."""

    duty_id: str
    lead_id: str
    support_ids: tuple[str, ...]
    observer_ids: tuple[str, ...]
    tto: timedelta
    ttr: timedelta
    arrive: timedelta | None
    first_step_after: timedelta | None
    first_step_calls: tuple[str, ...]


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
        old, new = _told(before), _told(after)
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


def _told(routing: Routing) -> Answer:
    duty: Duty = routing.duty
    first = min(duty.ladder.steps, key=lambda step: step.delay, default=None)
    return Answer(
        duty.id,
        routing.lead.id,
        tuple(party.id for party in routing.supports),
        tuple(party.id for party in routing.observers),
        duty.tto,
        duty.ttr,
        duty.arrive,
        first.delay if first else None,
        tuple(str(target) for target in first.targets) if first else (),
    )


def _without_name(answer: Answer) -> tuple[object, ...]:
    """A row that was merely renamed changes nothing for anybody."""
    return (
        answer.lead_id, frozenset(answer.support_ids), frozenset(answer.observer_ids), answer.tto, answer.ttr, answer.arrive,
        answer.first_step_after, answer.first_step_calls,
    )  # fmt: skip
