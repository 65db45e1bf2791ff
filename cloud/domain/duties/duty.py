"""Who must answer for a hazard at a place and an hour: duties, and the matrix in which the most specific wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyRef
from cloud.domain.community.place import ancestry, is_within
from cloud.domain.community.work_calendar import Running, WorkCalendar, after
from cloud.domain.duties.escalation import TOLD_AT_MOST, Condition, EscalationPolicy, Importance, Repeat, Step
from schemas.hazards import Severity


class Need(StrEnum):
    """What closing asks for: the sensor quiet for `resolve_delay`, another person's check, the reporter's judgement,
    photos of before and after.
    """

    SENSOR = "sensor"
    INDEPENDENT = "independent"
    REPORTER = "reporter"
    PHOTOS = "photos"


def pattern_matches(pattern: str, hazard_id: str) -> bool:
    """`lift.entrapment` exactly, `lift.*` the family, `fire.detector-*` a prefix, `*` everything."""
    if pattern.endswith("*"):
        return hazard_id.startswith(pattern[:-1])
    return pattern == hazard_id


def pattern_weight(pattern: str) -> int:
    """How exactly a pattern names a hazard: its letters, and more than any prefix when it is exact."""
    return len(pattern) - 1 if pattern.endswith("*") else 1000


@dataclass(frozen=True, slots=True)
class PartLimits:
    """By when a supporting party accepts, is on site and is done; None: as the duty says for everybody."""

    ref: PartyRef
    accept: timedelta | None = None
    arrive: timedelta | None = None
    finish: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One row of the matrix.

    `leads` and each kind among `supports` are tried in order: the first that serves the place is meant, the rest
    stand in for it ("no property firm → owners' committee → residents' committee"). `arrive` is the limit to be on
    site, and `arrive_outside_towns` the lead's where the lowest level of the state is a township; `limits` are those of single supports (of parties, by id, once it is routed). `running`: when its clocks run, and `calendar` what that means in the estate (filled in when it is routed; life
    safety always runs). `severity`: from which it holds. `call_sheet` are numbers a person dials. `basis` is the law or contract, to be confirmed locally;
    `basis_seen`: whether what it cites was compared with the law's own text, None where nobody says and where it is no law.
    """

    id: str
    hazards: tuple[str, ...]
    leads: tuple[PartyRef, ...]
    tto: timedelta
    ttr: timedelta
    basis: Names
    place_id: str = ""
    hours: Hours = ALWAYS
    supports: tuple[PartyRef, ...] = ()
    observers: tuple[PartyRef, ...] = ()
    arrive: timedelta | None = None
    ladder: EscalationPolicy = field(default_factory=EscalationPolicy)
    needs: frozenset[Need] = frozenset({Need.SENSOR})
    resolve_delay: timedelta = timedelta(minutes=5)
    pause_reasons: tuple[str, ...] = ()
    call_sheet: tuple[PartyRef, ...] = ()
    severity: Severity = Severity.NOTICE
    version: int = 1
    running: Running = Running.ALWAYS
    calendar: WorkCalendar | None = None
    limits: tuple[PartLimits, ...] = ()
    basis_seen: bool | None = None
    arrive_outside_towns: timedelta | None = None

    def outside_towns(self) -> Duty:
        """As it holds outside towns: the lead has its longer way, and steps that wait for it to be there wait as much longer. Who
        supports is as near as in town. A row that says nothing of it holds as it is.
        """
        longest = self.arrive_outside_towns
        if longest is None:
            return self
        more = longest - self.arrive if self.arrive else timedelta()
        steps = tuple(
            step.later(more) if step.condition is Condition.IF_LEAD_NOT_ARRIVED else step for step in self.ladder.steps
        )
        own = {one.ref: one for one in self.limits}
        near = (own.get(ref, PartLimits(ref)) for ref in self.supports)
        limits = tuple(replace(one, arrive=one.arrive or self.arrive) for one in near)
        return replace(self, arrive=longest, ladder=EscalationPolicy(steps), limits=limits)

    def limits_of(self, party_id: str) -> PartLimits:
        """Of that party where it supports: its own, and the duty's for what it says nothing of."""
        ref = PartyRef("id", party_id)
        own = next((one for one in self.limits if one.ref == ref), PartLimits(ref))
        return PartLimits(ref, own.accept or self.tto, own.arrive or self.arrive, own.finish or self.ttr)

    def after(self, moment: datetime, span: timedelta) -> datetime:
        """That long after a moment, in the time in which this duty's clocks run."""
        return after(moment, span, self.calendar)

    def matches(self, hazard_id: str, place_id: str, local: datetime, severity: Severity = Severity.CRITICAL) -> bool:
        return self.concerns(hazard_id, place_id, severity) and self.hours.cover(local)

    def concerns(self, hazard_id: str, place_id: str, severity: Severity) -> bool:
        """Whether it holds for that at any hour."""
        return severity >= self.severity and self.names(hazard_id) and is_within(place_id, self.place_id)

    def names(self, hazard_id: str) -> bool:
        """Whether it is about that hazard, wherever and whenever."""
        return any(pattern_matches(pattern, hazard_id) for pattern in self.hazards)

    def specificity(self, hazard_id: str) -> tuple[int, int, int, int]:
        """Ordered like this on purpose: a building's general row must not weaken a life-safety row of the estate,
        so the hazard's exactness and severity count before the place, and the place before the hours.
        """
        weight = max(pattern_weight(p) for p in self.hazards if pattern_matches(p, hazard_id))
        return weight, self.severity.rank, sum(1 for _ in ancestry(self.place_id)), 0 if self.hours.always else 1


@dataclass(frozen=True, slots=True)
class DutyMatrix:
    """All duties of an estate in one version; a running task keeps the duty it began with."""

    version: int
    duties: tuple[Duty, ...]

    def ranked(
        self, hazard_id: str, place_id: str, local: datetime, severity: Severity = Severity.CRITICAL
    ) -> list[Duty]:
        """The duties that match, most specific first; of two alike the one that stands first in the matrix."""
        matching = [duty for duty in self.duties if duty.matches(hazard_id, place_id, local, severity)]
        return sorted(matching, key=lambda duty: duty.specificity(hazard_id), reverse=True)


FALLBACK_DUTY_ID: Final = "fallback"

CALL_AGAIN: Final = timedelta(minutes=2)
"""The rhythm of a life-safety call sheet: every two minutes, without bound, until a named person has accepted."""

LATEST_CALL_SHEET: Final = timedelta(minutes=30)
"""However late a matrix has it, a life-safety call sheet sounds this long after the alarm for the first time."""

ARRIVAL_AGAIN: Final = timedelta(minutes=10)
"""How often a life-safety call sheet is said again while who has accepted is not there: who lies in a lift waits still."""


def with_last_resort(duty: Duty, fallback: PartyRef) -> Duty:
    """A duty whose ladder waits for an answer, and ends: where the matrix names no such step, the fallback party is called;
    no step repeats more than five times, for then the task goes one level up.
    """
    duty = replace(duty, ladder=EscalationPolicy(tuple(step.at_most(TOLD_AT_MOST) for step in duty.ladder.steps)))
    if any(step.condition is Condition.IF_NOT_ACKNOWLEDGED for step in duty.ladder.steps):
        return duty
    step = Step(
        delay=duty.tto,
        condition=Condition.IF_NOT_ACKNOWLEDGED,
        targets=(fallback,),
        importance=Importance.HIGH,
        repeat=Repeat(max(duty.tto, timedelta(minutes=5)), TOLD_AT_MOST),
    )
    return replace(duty, ladder=EscalationPolicy((*duty.ladder.steps, step)))


def with_safety_floor(duty: Duty, fallback: PartyRef) -> Duty:
    """A duty as it holds for life safety: its ladder calls until somebody has accepted and says whom to phone, soon enough and
    every two minutes, whatever the matrix says, no reason pauses it, and a call sheet for want of an arrival is said again
    until somebody is there.
    """
    steps = tuple(_until_there(step) for step in duty.ladder.steps)
    if duty.ladder.endless and not duty.call_sheet:
        # Somebody is called for ever, and no number is known: who is called is phoned as well.
        steps = tuple(replace(step, call_sheet=step.call_sheet or step.endless) for step in steps)
    if not any(ends_in_call_sheet(duty, step) for step in steps):
        last_resort = Step(
            delay=duty.tto,
            condition=Condition.IF_NOT_ACKNOWLEDGED,
            targets=duty.call_sheet if duty.ladder.endless else (*duty.call_sheet, fallback),
            importance=Importance.EMERGENCY,
            call_sheet=True,
            repeat=Repeat(CALL_AGAIN),
        )
        steps = (*steps, last_resort)
    latest = latest_call_sheet(duty)
    steps = tuple(_soon_enough(_often_enough(step), latest) for step in steps)
    return replace(duty, ladder=EscalationPolicy(steps), pause_reasons=(), calendar=None)


def ends_in_call_sheet(duty: Duty, step: Step) -> bool:
    """Whether a step goes on until somebody has accepted and names whom a person is to phone: a number, where the duty
    knows any; else the parties that it calls, by their telephones.
    """
    whole = [ref for ref in step.targets if isinstance(ref, PartyRef)]
    numbers = any(ref.by == "phone" or ref in duty.call_sheet for ref in whole)
    return step.endless and step.call_sheet and (numbers or not duty.call_sheet)


def latest_call_sheet(duty: Duty) -> timedelta:
    """By when at the latest the call sheet of a life-safety duty sounds for the first time: half an hour after the alarm, and
    two minutes after the last of the row's other steps (with none: after its limit to own), for nothing else comes then.
    """
    others = [step.delay for step in duty.ladder.steps if not (step.endless and step.call_sheet)]
    return min(LATEST_CALL_SHEET, max(others, default=duty.tto) + CALL_AGAIN)


def _until_there(step: Step) -> Step:
    waits = step.condition in (Condition.IF_LEAD_NOT_ARRIVED, Condition.IF_NOT_ARRIVED)
    return replace(step, repeat=Repeat(ARRIVAL_AGAIN)) if waits and step.call_sheet and step.repeat is None else step


def _often_enough(step: Step) -> Step:
    """A matrix may have its call sheet said more often than every two minutes, and no more rarely."""
    rare = step.endless and step.call_sheet and step.repeat is not None and step.repeat.every > CALL_AGAIN
    return replace(step, repeat=Repeat(CALL_AGAIN)) if rare else step


def _soon_enough(step: Step, latest: timedelta) -> Step:
    late = step.endless and step.call_sheet and step.delay > latest
    return replace(step, delay=latest) if late else step


def fallback_duty(leads: Iterable[PartyRef]) -> Duty:
    """What holds when no row of the matrix does: the estate's fallback party answers, soon."""
    return Duty(
        id=FALLBACK_DUTY_ID,
        hazards=("*",),
        leads=tuple(leads),
        tto=timedelta(minutes=10),
        ttr=timedelta(hours=4),
        basis=Names("无匹配职责，由兜底单位负责", "no duty matches: the estate's fallback party answers"),
        needs=frozenset({Need.SENSOR, Need.INDEPENDENT}),
    )
