"""What of its points an exercise exercises: which alarms belong to it. Any other signal of the same equipment is real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from cloud.domain.community.faults import Fault, fault
from cloud.domain.community.names import Names
from cloud.domain.duties.duty import pattern_matches
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.errors import Invalid
from schemas.hazards import HAZARDS, Hazard, Severity, hazard

USUAL: Final = "usual"
"""Stands for what belongs to an exercise without being named: of detectors every alarm of fire, of all else what does not
put life at risk.
"""

EVERYTHING: Final = "*"
"""What belonged to exercises that were planned before their hazards could be named."""

_FAMILY: Final[Mapping[EquipmentKind, str]] = {
    EquipmentKind.LIFT: "lift",
    EquipmentKind.SMOKE_DETECTOR: "fire",
    EquipmentKind.ACCESS_GATE: "access",
    EquipmentKind.NODE: "node",
}
_ANY: Final = frozenset({"lift", "fire", "access", "point"})
"""What equipment of no kind of its own may raise."""

_DETECTS: Final = frozenset({"fire", "point"})
_DETECTOR: Final = "fire.*"
_NEVER: Final = frozenset({"lift.maintenance-overdue", "lift.inspection-due", "fire.presumed", "node.event-unreadable"})
"""What no drill gives: the cloud finds it in its own books."""


def families(register: Register, equipment_id: str) -> frozenset[str]:
    """The families of hazards that a piece of equipment may raise."""
    known = register.equipment.get(equipment_id)
    kind = known.kind if known else EquipmentKind.NODE
    return frozenset({_FAMILY[kind], "point"}) if kind in _FAMILY else _ANY


def may_cost_lives(known: Hazard) -> bool:
    """Whether it is life safety or as grave: an exercise takes it only where its planner names it."""
    return known.life_safety or known.severity is Severity.CRITICAL


def to_name(register: Register, equipment: Iterable[str]) -> tuple[str, ...]:
    """What of this equipment belongs to an exercise only if its planner names it."""
    found: set[str] = set()
    for own in {families(register, one) for one in equipment}:
        found |= {one.id for one in _drillable(own) if may_cost_lives(one)} if own != _DETECTS else set()
    return tuple(name for name in HAZARDS if name in found)


def drilled(register: Register, equipment: Sequence[str], named: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Of each point the hazards (patterns, as duties have them) that belong to an exercise that names these. Raises Invalid."""
    faults = [found for pattern in dict.fromkeys(named) for found in _faults(pattern)]
    if not named:
        faults.append(fault("exercise-of-nothing", usual=USUAL))
    found = {one: _of(families(register, one), named) for one in equipment}
    if not faults:
        faults += [
            fault("exercise-never-raised", equipment=one, named=", ".join(named))
            for one, patterns in found.items()
            if not patterns
        ]
    if faults:
        raise Invalid("The exercise was not planned.", faults)
    return found


def _drillable(own: frozenset[str]) -> Iterator[Hazard]:
    return (known for known in HAZARDS.values() if known.family in own and known.id not in _NEVER)


def _usual(own: frozenset[str]) -> tuple[str, ...]:
    if own == _DETECTS:
        return (_DETECTOR,)
    family = own - {"fire", "point"} or own
    return tuple(known.id for known in _drillable(family) if not may_cost_lives(known))


def _of(own: frozenset[str], named: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for pattern in named:
        if pattern == USUAL:
            found += _usual(own)
        elif any(known.family in own for known in _meant(pattern)):
            found.append(pattern)
    return tuple(dict.fromkeys(found))


def _meant(pattern: str) -> list[Hazard]:
    return [known for known in HAZARDS.values() if pattern_matches(pattern, known.id)]


def _faults(pattern: str) -> Iterator[Fault]:
    if pattern == USUAL:
        return
    meant = _meant(pattern)
    if not meant:
        yield fault("exercise-hazard-unknown", pattern=pattern, usual=USUAL)
    grave = [known.id for known in meant if may_cost_lives(known) and known.family != "fire"]
    if pattern.endswith("*") and grave:
        yield fault("exercise-takes-lives-along", pattern=pattern, grave=", ".join(grave))


def drilled_names(hazards: Mapping[str, Sequence[str]]) -> tuple[Names, ...]:
    """What is exercised at all these points together, what may cost lives first."""
    patterns = dict.fromkeys(pattern for found in hazards.values() for pattern in found)
    return tuple(_named(one) for one in sorted(patterns, key=lambda one: not _grave(one)))


def _grave(pattern: str) -> bool:
    return any(map(may_cost_lives, _meant(pattern)))


def _named(pattern: str) -> Names:
    if pattern == EVERYTHING:
        return Names("全部报警", "every alarm")
    if pattern == _DETECTOR:
        return Names("火灾报警", "fire alarms")
    if pattern.endswith("*"):
        return Names(pattern, pattern)
    known = hazard(pattern)
    return Names(known.zh, known.en)
