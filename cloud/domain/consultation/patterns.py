"""What repeats: incidents on one piece of equipment, one hazard across an estate, a rising rate, a duty nobody takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from cloud.domain.consultation.topic import Origin
from cloud.domain.tasks.task import ResolutionReason, TaskState
from schemas.hazards import hazard

NEVER: Final = frozenset({"welfare", "civic"})
"""Families that open no topic: what happens in a home is nobody's topic, and a resolution is what topics lead to."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on something is a pattern. A rise needs both minimum counts, so that 1 → 2 is no trend."""

    equipment_count: int = 3
    equipment_days: int = 30
    hazard_count: int = 10
    hazard_days: int = 30
    rise_days: int = 30
    rise_factor: Fraction = Fraction(2)
    rise_minimum: int = 6
    rise_minimum_before: int = 2
    declines: int = 2

    @property
    def looks_back(self) -> timedelta:
        return timedelta(days=max(self.equipment_days, self.hazard_days, 2 * self.rise_days))


@dataclass(frozen=True, slots=True)
class PastIncident:
    """A real incident (exercises are not given). `false_alarm`: two people closed it as one; it is counted apart."""

    id: str
    equipment: str
    hazard: str
    at: datetime
    false_alarm: bool = False


_VOID: Final = frozenset({TaskState.MERGED, TaskState.CANCELLED})
_NO_MATTER: Final = frozenset({ResolutionReason.DUPLICATE, ResolutionReason.NOT_ACTIONABLE})


def repeats(state: TaskState, reason: ResolutionReason | None) -> bool:
    """Whether an incident whose task stands so counts as one more of its kind: what was merged is part of another, and what was
    called off, or was found to be the same or nothing, is none. What cleared by itself is one.
    """
    return state not in _VOID and reason not in _NO_MATTER


@dataclass(frozen=True, slots=True)
class DeclinedTask:
    """A task that was declined so often; `incident_id` is its evidence."""

    task_id: str
    incident_id: str
    equipment: str
    hazard: str
    declines: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One topic's worth. `key` is the same for the same pattern whenever it is looked for; `evidence`: incident ids."""

    key: str
    origin: Origin
    equipment: str | None
    hazard: str | None
    evidence: tuple[str, ...]
    days: int
    false_alarms: int = 0
    before: int | None = None
    task_id: str | None = None


Settled = Mapping[str, datetime]
"""By pattern, when its last topic was over: what came before is settled and counts no more."""


def find(past: Iterable[PastIncident], now: datetime, limits: Thresholds, settled: Settled) -> list[Pattern]:
    """Every pattern there is, in a stable order."""
    told = [one for one in past if hazard(one.hazard).family not in NEVER]
    return [
        *_repeated(told, now, limits, settled, Origin.REPEATED_EQUIPMENT),
        *_repeated(told, now, limits, settled, Origin.REPEATED_HAZARD),
        *_rising(told, now, limits, settled),
    ]


def _repeated(
    past: Sequence[PastIncident], now: datetime, limits: Thresholds, settled: Settled, origin: Origin
) -> Iterable[Pattern]:
    by_equipment = origin is Origin.REPEATED_EQUIPMENT
    count, days = (
        (limits.equipment_count, limits.equipment_days) if by_equipment else (limits.hazard_count, limits.hazard_days)
    )
    groups = _grouped(past, lambda one: one.equipment if by_equipment else one.hazard)
    since = now - timedelta(days=days)
    for name, those in groups.items():
        key = f"{origin}|{name}"
        within = [one for one in those if one.at > max(since, settled.get(key, since))]
        real = [one for one in within if not one.false_alarm]
        if len(real) < count:
            continue
        hazards = {one.hazard for one in real}
        yield Pattern(
            key,
            origin,
            name if by_equipment else None,
            next(iter(hazards)) if len(hazards) == 1 else None,
            tuple(one.id for one in sorted(real, key=lambda one: (one.at, one.id))),
            days,
            len(within) - len(real),
        )


def _rising(past: Sequence[PastIncident], now: datetime, limits: Thresholds, settled: Settled) -> Iterable[Pattern]:
    period = timedelta(days=limits.rise_days)
    for name, those in _grouped(past, lambda one: one.hazard).items():
        key = f"{Origin.RISING_RATE}|{name}"
        if key in settled and settled[key] > now - 2 * period:
            continue
        recent = [one for one in those if one.at > now - period]
        real = [one for one in recent if not one.false_alarm]
        before = [one for one in those if now - 2 * period < one.at <= now - period and not one.false_alarm]
        enough = len(real) >= limits.rise_minimum and len(before) >= limits.rise_minimum_before
        if enough and len(real) >= limits.rise_factor * len(before):
            evidence = tuple(one.id for one in sorted(real, key=lambda one: (one.at, one.id)))
            false = len(recent) - len(real)
            yield Pattern(key, Origin.RISING_RATE, None, name, evidence, limits.rise_days, false, len(before))


def disputed(tasks: Iterable[DeclinedTask], limits: Thresholds) -> list[Pattern]:
    """Duties that were declined so often that somebody has to say whose they are."""
    return [
        Pattern(
            f"{Origin.DISPUTED_DUTY}|{one.task_id}", Origin.DISPUTED_DUTY, one.equipment, one.hazard,
            (one.incident_id,), limits.equipment_days, task_id=one.task_id,
        )
        for one in tasks
        if one.declines >= limits.declines and hazard(one.hazard).family not in NEVER
    ]  # fmt: skip


def _grouped(past: Iterable[PastIncident], key: Callable[[PastIncident], str]) -> dict[str, list[PastIncident]]:
    groups: dict[str, list[PastIncident]] = defaultdict(list)
    for one in past:
        groups[key(one)].append(one)
    return dict(sorted(groups.items()))
