"""Exercises name their points and their window; any other signal is real."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.faults import fault
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.duty import pattern_matches
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.incidents.maintenance import maintains, runs_estate, serves
from cloud.errors import Conflict, Invalid

LONGEST: Final = timedelta(hours=8)
MOST_POINTS: Final = 500
PLANS: Final = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise. `equipment`: its points, and `hazards` of each (patterns, as duties have them) what belongs to it, from
    `starts_at` until before `ends_at`; what else they raise is real. `told`: the parties that it is announced to; `by_phone`:
    those that it concerns and that only a person can tell.
    """

    id: str
    estate: str
    party_id: str
    planned_by: str
    equipment: tuple[str, ...]
    hazards: Mapping[str, tuple[str, ...]] = field(hash=False)
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    told: tuple[str, ...] = field(default=(), compare=False)
    by_phone: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        faults = []
        if not 1 <= len(self.equipment) <= MOST_POINTS:
            faults.append(fault("exercise-points", most=MOST_POINTS))
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST:
            faults.append(fault("exercise-length", hours=_hours(LONGEST)))
        if faults:
            raise Invalid("The exercise was not planned.", faults)

    def covers(self, hazard_id: str, equipment_id: str, at: datetime) -> bool:
        """Whether that alarm there belongs to it."""
        named = self.hazards.get(equipment_id, ())
        return self.takes_in(equipment_id, at) and any(pattern_matches(one, hazard_id) for one in named)

    def takes_in(self, equipment_id: str, at: datetime) -> bool:
        """Whether something of that equipment is exercised now."""
        running = self.ended_at is None and self.starts_at <= at < self.ends_at
        return running and equipment_id in self.equipment

    def ended(self, now: datetime) -> Exercise:
        if self.ended_at is not None:
            raise Conflict("This exercise is over.", "演练已结束")
        return replace(self, ended_at=now)


A_DAY: Final = timedelta(days=1)


def check_rest(planned: Exercise, others: Iterable[Exercise]) -> None:
    """A point is exercised for no more than `LONGEST` within any 24 hours, however many exercises that takes: who follows one with
    another would call nobody to what is real there, for ever. Raises Invalid.
    """
    known = [one for one in others if one.id != planned.id]
    for point in planned.equipment:
        spells = [(one.starts_at, one.ended_at or one.ends_at) for one in (*known, planned) if point in one.equipment]
        if any(_within(spells, over - A_DAY, over) > LONGEST for _, over in spells):
            raise Invalid(
                "The exercise was not planned.",
                [fault("exercise-rest", point=point, hours=_hours(LONGEST))],
            )


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600


def _within(spells: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime) -> timedelta:
    """How much of that time these cover, what overlaps counted once."""
    covered, reached = timedelta(), since
    for starts, ends in sorted(spells):
        begins, over = max(starts, reached), min(ends, until)
        if begins < over:
            covered, reached = covered + (over - begins), over
    return covered


def planner(register: Register, member: Member, equipment: Collection[str]) -> str | None:
    """The party for which this member may exercise all of that: whoever runs the estate anything, the fire control room
    its detectors, a maintainer what it maintains, each by its manager; None where there is none. An exercise of others'
    points would call nobody from outside to what may be real.
    """
    if runs_estate(register, member):
        return register.fallback.id
    for one in member.memberships:
        party = register.parties.get(one.party_id)
        if party is not None and one.role in PLANS and _own(register, party, equipment):
            return party.id
    return None


def _own(register: Register, party: Party, equipment: Collection[str]) -> bool:
    watches = party.kind is PartyKind.FIRE_CONTROL_ROOM
    detectors = watches and serves(register, party, equipment, EquipmentKind.SMOKE_DETECTOR)
    return detectors or maintains(register, party, equipment)
