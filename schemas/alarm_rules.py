"""An alarm rule and its exact meaning: a pure `step(rule, state, seen, mono) -> (state, transitions, next_due)`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import StringConstraints, TypeAdapter

from schemas.base import DocumentModel, EquipmentId
from schemas.conditions import Condition, Seconds, asks_every_reading, points_of
from schemas.evaluation import Memory, Moment, Value, after_restart, blank, cause_of, evaluate, sooner
from schemas.hazards import HazardId, Severity, hazard

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{0,127}$")]
"""An equipment's id (up to 96), a slash, a name."""

_FORMAT: Final = 1
"""Of the stored state. A release that remembers otherwise counts on, and every rule is then as one that was edited."""

_REBOOTED_S: Final = 10.0
"""A reading may be stamped a little before the tick that overtook it; further back only a new boot can have taken us."""


class AlarmRule(DocumentModel):
    """When an alarm is raised and when it is cleared (ISA-18.2: on-delay, off-delay, deadband).

    Raised when `when` has been true without a break for `on_delay_s`. Cleared when `when` has been false for
    `off_delay_s` - or, where `clear_when` is given, when *that* has been true for `off_delay_s`, whatever `when` says
    (an entrapment ends with the car at level and its door open, not with a passenger who keeps still). While
    `clear_when` is true nothing is raised, or the two would raise and clear for ever; the on-delay begins when it ends.

    Unknown is neither true nor false: it breaks a delay, raises nothing and clears nothing. The first observation
    counts like any other: in alarm it raises, after its on-delay. Between readings a value holds. A delay is over at
    its last moment (`>=`); a reading at that very moment comes first, so that what is gone by then is not raised.
    """

    id: RuleId
    equipment: EquipmentId
    hazard: HazardId
    severity: Severity | None = None
    when: Condition
    on_delay_s: Seconds = 0.0
    off_delay_s: Seconds = 0.0
    clear_when: Condition | None = None
    enabled: bool = True

    @property
    def effective_severity(self) -> Severity:
        return self.severity or hazard(self.hazard).severity

    @cached_property
    def points(self) -> frozenset[str]:
        """The names of the points it reads: only their readings need a step."""
        return points_of(self.when) | (points_of(self.clear_when) if self.clear_when else frozenset())

    @property
    def asks_every_reading(self) -> bool:
        """Whether a reading needs a step although it repeats the last value; else only one that changes it does."""
        return any(asks_every_reading(one) for one in (self.when, self.clear_when) if one is not None)

    @cached_property
    def fingerprint(self) -> str:
        """Tells whether the rule was edited: everything that an alarm of it says or means, and the format of its state."""
        document = f"{_FORMAT}{self.model_dump_json(exclude={'enabled'})}"
        return hashlib.sha256(document.encode()).hexdigest()[:16]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        # pydantic copies what was cached along with the fields, and an edited copy would pass for the original.
        copied = super().model_copy(update=update, deep=deep)
        for cached in ("points", "fingerprint"):
            copied.__dict__.pop(cached, None)
        return copied


@dataclass(frozen=True, slots=True)
class Observed:
    """A reading of a point of the rule's equipment. A value of None, or no finite number: it is no longer known.

    That is no reading for Absence, and no change for Count.
    """

    point: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed and nothing was read."""


@dataclass(frozen=True, slots=True)
class Raised:
    """The alarm is on since `mono`. `point` made it so, with this `value` (a Count: how many), held against `threshold`."""

    mono: float
    point: str
    value: Value | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Cleared:
    """The alarm is off since `mono`. `value`: what the point that raised it reads now, None where that is unknown."""

    mono: float
    value: Value | None
    reason: Literal["condition", "rule-changed"] = "condition"


Transition = Raised | Cleared


class RuleState(NamedTuple):
    """Everything a rule remembers: stored with the events it gave rise to, restored at a restart. Bounded and immutable.

    `rule`: fingerprint of the rule it belongs to; `mono`: its last moment; `values`: what is known of the rule's points;
    `when`, `clear`: memory of the two conditions; `raised` by `point`; `pending`: since when the next change prepares
    itself; `next_due`: monotonic seconds at which a tick is needed even if no reading comes.
    """

    rule: str
    mono: float
    values: dict[str, Value]
    when: Memory
    clear: Memory | None = None
    raised: bool = False
    point: str | None = None
    pending: float | None = None
    next_due: float | None = None

    def to_json(self) -> str:
        return _STATE.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> RuleState:
        """Restore what `to_json` gave. Raises ValueError where it is damaged; the rule then begins anew."""
        return _STATE.validate_json(text)


_STATE: Final = TypeAdapter(RuleState)


class Step(NamedTuple):
    """What one step gives. `next_due` is `state.next_due`."""

    state: RuleState
    transitions: list[Transition]
    next_due: float | None


def begin(rule: AlarmRule, mono: float) -> RuleState:
    """The state of a rule that begins to watch now: from here an Absence counts. Its first tick is due at once."""
    clear = blank(rule.clear_when) if rule.clear_when else None
    return RuleState(rule.fingerprint, float(mono), {}, blank(rule.when), clear, next_due=float(mono))


def resumed(rule: AlarmRule, state: RuleState, mono: float) -> RuleState:
    """A stored state in a new boot, where monotonic time started anew at or before `mono`. Its first tick is due at once.

    What was raised stays raised, and is not raised again. Nothing is known of the points until they are observed again.
    Parts of a condition that had come true count on as such until a reading says otherwise, so a door that was held
    open is not cleared and held open once more; delays that were still running start over. A restart within one boot
    steps on from the stored state instead, and what fell due meanwhile does so as of its moment - or comes here too,
    where it was away so long that nobody can say what held without a break.
    """
    mono = float(mono)
    fresh = state._replace(mono=mono, values={}, pending=None, next_due=mono)
    if state.rule != rule.fingerprint:
        return fresh  # The first step finds that out.
    clear = after_restart(rule.clear_when, state.clear, state.mono, mono) if rule.clear_when and state.clear else None
    return fresh._replace(when=after_restart(rule.when, state.when, state.mono, mono), clear=clear)


def step(rule: AlarmRule, state: RuleState, seen: Observed | Tick, mono: float) -> Step:
    """What a reading, or time passing, does to the rule at monotonic second `mono`. Pure.

    Whatever fell due before `mono` happens first, as of its own moment: how often the rule is ticked changes when a
    transition is heard of, never which there are or what `mono` they carry. Only points in `rule.points` need a step;
    another point's reading is a tick. Whether the rule is `enabled` is for the caller, who does not step it then.

    A rule edited since (`state` carries another fingerprint) is cleared with reason rule-changed if it was raised, and
    begins anew; show it the present value of its points. A `mono` that went back by more than ten seconds is a new boot.
    """
    transitions: list[Transition] = []
    if state.rule != rule.fingerprint:
        if state.raised:
            transitions.append(Cleared(mono, _raised_value(state), "rule-changed"))
        state = begin(rule, mono)
    elif mono < state.mono - _REBOOTED_S:
        state = resumed(rule, state, mono)
    mono = float(max(mono, state.mono))
    while state.next_due is not None and state.next_due < mono:
        state = _judge(rule, state, state.next_due, None, transitions)
    point = None
    if isinstance(seen, Observed) and seen.point in rule.points:
        point = seen.point
        state = state._replace(values=_observed(state.values, point, seen.value))
    state = _judge(rule, state, mono, point, transitions)
    return Step(state, transitions, state.next_due)


def _judge(rule: AlarmRule, state: RuleState, at: float, seen: str | None, transitions: list[Transition]) -> RuleState:
    """The state at one moment, where every condition is asked once; what changes is added to `transitions`."""
    moment = Moment(state.values, seen, at)
    when = evaluate(rule.when, state.when, moment)
    clear = evaluate(rule.clear_when, state.clear, moment) if rule.clear_when and state.clear else None
    over = when.truth is False if clear is None else clear.truth is True
    changing = over if state.raised else when.truth is True and (clear is None or not over)
    delay = rule.off_delay_s if state.raised else rule.on_delay_s
    raised, point = state.raised, state.point
    pending = (at if state.pending is None else state.pending) if changing else None
    if pending is not None and at >= pending + delay:
        raised, pending = not raised, None
        if raised:
            point, value, threshold = cause_of(rule.when, when.memory, moment)
            transitions.append(Raised(at, point, value, threshold))
        else:
            transitions.append(Cleared(at, _raised_value(state)))
            point = None
    due = sooner(when.until, clear.until if clear else None, None if pending is None else pending + delay)
    return RuleState(
        state.rule, at, state.values, when.memory, clear.memory if clear else None, raised, point, pending, due
    )


def _raised_value(state: RuleState) -> Value | None:
    return None if state.point is None else state.values.get(state.point)


def _observed(values: dict[str, Value], point: str, value: Value | None) -> dict[str, Value]:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return {known: kept for known, kept in values.items() if known != point}
    return {**values, point: value if isinstance(value, bool | str) else float(value)}
