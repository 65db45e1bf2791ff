"""Was every hazard answered? Ground truth beside what the cloud says, counted by a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from firmware_sim.truth import GroundTruth, InjectedFault
from schemas.hazards import hazard

_EARLY_S: Final = 2.0
"""A pre-alarm or a clock may put an alert this much before the onset that physics gives."""
GRACE_S: Final = 30.0
"""After a fault has ended, its alert may still be on its way."""

_PROPERTY: Final = frozenset({"property_manager"})
_LIFT: Final = frozenset({"lift_maintainer"})
_CONTROL_ROOM: Final = frozenset({"fire_control_room"})
LEADS: Final[Mapping[str, frozenset[str]]] = {
    "lift.unintended-movement": _PROPERTY,
    "lift.overspeed": _PROPERTY,
    "lift": _LIFT,
    "fire.smoke": _CONTROL_ROOM,
    "fire.manual-call-point": _CONTROL_ROOM,
    "fire.presumed": _CONTROL_ROOM,
    "fire.co": _PROPERTY,
    "fire.detector-fault": frozenset({"platform_operator", "fire_maintainer"}),
    "access": _PROPERTY,
}
"""Kinds of party that may lead, by hazard or family: the default matrix of governance.md."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of an incident. `started` in seconds of wall time."""

    hazard: str
    equipment: str
    started: float


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident with its task, as far as a score needs it. Parties are kinds: `lift_maintainer`."""

    id: str
    hazard: str
    equipment: str
    opened: float
    lead: str | None
    supports: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    mode: str = "real"


@dataclass(frozen=True, slots=True)
class Readings:
    """Telemetry and event batches over all nodes. `sent` is what became of them all."""

    sent: int = 0
    stored: int = 0
    refused: int = 0
    lost: int = 0
    duplicate: int = 0
    readings: int = 0
    void: int = 0
    """Records that a node gave up for want of room, and said so."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a run went, in simulated seconds a second. Where the machine could not follow what was asked, time itself
    went slower for everybody: `behind_s` is what that cost, and no result suffers from it.
    """

    asked: float
    reached: float
    took_s: float
    behind_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one injected fault. Seconds are from the onset, and from when its rule was fulfilled."""

    fault: str
    kind: str
    equipment: str
    hazard: str
    life_safety: bool
    detected: bool
    incident: str | None = None
    lead: str | None = None
    lead_right: bool | None = None
    supports: tuple[str, ...] = ()
    seconds_from_onset: float | None = None
    seconds_from_defined: float | None = None


@dataclass(frozen=True, slots=True)
class FalseTask:
    incident: str
    hazard: str
    equipment: str
    opened_at_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """The score of one run. `unfinished`: faults whose onset never came (the run ended first)."""

    scenario: str
    seed: int
    answers: tuple[Answer, ...]
    false_tasks: tuple[FalseTask, ...]
    nuisances: int
    unfinished: tuple[str, ...]
    readings: Readings = field(default_factory=Readings)
    pace: Pace | None = None

    @property
    def missed(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if not answer.detected)

    @property
    def good(self) -> bool:
        """Every hazard answered by the right party, nothing raised besides, nothing lost."""
        right = all(answer.detected and answer.lead_right is not False for answer in self.answers)
        return right and not self.false_tasks and not self.readings.lost

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "missed": [answer.fault for answer in self.missed], "good": self.good}


def score(
    truth: GroundTruth, incidents: Sequence[Incident], readings: Readings | None = None, pace: Pace | None = None
) -> Report:
    """Match alerts to faults by hazard, equipment and time; what no fault explains is a false task.

    Times of the truth are simulated seconds; `truth.epoch` and `truth.speed` tie them to the wall time of incidents.
    Exercises are left out.
    """
    real = [incident for incident in incidents if incident.mode == "real"]
    begun = [fault for fault in truth.faults.values() if fault.onset is not None]
    hazards = [fault for fault in begun if fault.hazard is not None]
    return Report(
        scenario=truth.scenario,
        seed=truth.seed,
        answers=tuple(_answer(truth, fault, real) for fault in hazards),
        false_tasks=tuple(
            FalseTask(incident.id, incident.hazard, incident.equipment, round(_since_start(truth, incident.opened), 1))
            for incident in real
            if not any(_explains(truth, fault, incident) for fault in truth.faults.values())
        ),
        nuisances=sum(fault.hazard is None for fault in begun),
        unfinished=tuple(fault.id for fault in truth.faults.values() if fault.onset is None),
        readings=readings or Readings(),
        pace=pace,
    )


def _since_start(truth: GroundTruth, wall: float) -> float:
    """Simulated seconds of a wall time."""
    return (wall - (truth.epoch or 0.0)) * truth.speed


def _within(truth: GroundTruth, fault: InjectedFault, wall: float, first: float | None) -> bool:
    if first is None:
        return False
    at = _since_start(truth, wall)
    last = float("inf") if fault.ended is None else fault.ended + GRACE_S
    return first - _EARLY_S <= at <= last


def _alerts(incident: Incident) -> tuple[Alert, ...]:
    return incident.alerts or (Alert(incident.hazard, incident.equipment, incident.opened),)


def _answer(truth: GroundTruth, fault: InjectedFault, incidents: Sequence[Incident]) -> Answer:
    assert fault.hazard is not None
    tasked: list[tuple[float, Incident]] = [
        # A task that already stood when this alert joined it answers from the moment of the alert.
        (max(alert.started, incident.opened), incident)
        for incident in incidents
        for alert in _alerts(incident)
        if alert.hazard == fault.hazard
        and alert.equipment == fault.equipment
        and _within(truth, fault, alert.started, fault.onset)
    ]
    life_safety = hazard(fault.hazard).life_safety
    if not tasked:
        return Answer(fault.id, fault.kind, fault.equipment, fault.hazard, life_safety, detected=False)
    at, incident = min(tasked, key=lambda found: found[0])
    when = _since_start(truth, at)
    return Answer(
        fault.id,
        fault.kind,
        fault.equipment,
        fault.hazard,
        life_safety,
        detected=True,
        incident=incident.id,
        lead=incident.lead,
        lead_right=_lead_right(fault.hazard, incident.lead),
        supports=incident.supports,
        seconds_from_onset=None if fault.onset is None else round(when - fault.onset, 3),
        seconds_from_defined=None if fault.defined is None else round(when - fault.defined, 3),
    )


def _lead_right(hazard_id: str, lead: str | None) -> bool | None:
    """None where the default matrix says nothing of this hazard."""
    allowed = LEADS.get(hazard_id) or LEADS.get(hazard_id.partition(".")[0])
    return None if allowed is None else lead in allowed


def _explains(truth: GroundTruth, fault: InjectedFault, incident: Incident) -> bool:
    """Whether every alert of an incident may come from this fault - or any of them from what it is known to cause."""
    if fault.hazard is None:
        return False
    allowed = {fault.hazard, *fault.also}
    return any(
        alert.equipment == fault.equipment
        and alert.hazard in allowed
        and _within(truth, fault, alert.started, fault.injected)
        for alert in _alerts(incident)
    )


def parse_time(text: str | float) -> float:
    """Seconds of wall time from ISO 8601 with an offset, or from seconds."""
    return float(text) if isinstance(text, int | float) else datetime.fromisoformat(text).timestamp()
