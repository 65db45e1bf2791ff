"""Who sees what: one judgement for every page, list, stream, feed and export.

A matter is seen by who runs or oversees the place it lies in, by the parties with a part in it, whatever they answered, and by
those that the row of the duty matrix it began with names and that serve the place: they may be asked to help or to take
over. What concerns a home is seen by far fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.party import OVERSEES, WELFARE, Member, Party, PartyKind, PartyRef, Role
from cloud.domain.community.place import is_within
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.register import Equipment, EquipmentKind, Register
from cloud.domain.duties.target import party_refs
from cloud.domain.tasks.task import Task
from schemas.hazards import Severity, hazard

_HEADS: Final = frozenset({Role.OVERSEER, Role.ADMINISTRATOR})

EVERYWHERE: Final = ""
"""The place in which every place lies."""

_FAMILIES: Final[dict[EquipmentKind, tuple[str, ...]]] = {
    EquipmentKind.LIFT: ("lift.", "point."),
    EquipmentKind.SMOKE_DETECTOR: ("fire.", "point."),
    EquipmentKind.ACCESS_GATE: ("access.", "point."),
    EquipmentKind.NODE: ("node.", "point."),
}
"""How the hazards begin that a kind of equipment raises; of any other kind nothing is known."""


def private(hazard_id: str) -> bool:
    """Whether it is about a home. Nothing of it is ever public."""
    return hazard_id.startswith(WELFARE)


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom a matter concerns: what it is, where, the parties with a part in it, and those that its duty names."""

    hazard: str
    place_id: str
    parts: frozenset[str] = frozenset()
    named: frozenset[PartyRef] = frozenset()


@dataclass(frozen=True, slots=True)
class Serving:
    """How a duty may name one party, and the areas that it serves."""

    refs: frozenset[PartyRef]
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one person sees of one estate. Those of one party in one role see the same, and their outlooks are equal.

    `areas`: of these, everything that concerns no home; `parties`: whatever any of these has a part in; `serving`: what
    duties name these for; `homes`: all that concerns homes.
    """

    areas: tuple[str, ...]
    parties: frozenset[str]
    serving: tuple[Serving, ...] = ()
    homes: bool = False

    @property
    def everything(self) -> bool:
        return self.homes and EVERYWHERE in self.areas

    def sees(self, concern: Concern | None) -> bool:
        """`concern` None: what is no particular party's, but the estate's."""
        if concern is None or not self.parties.isdisjoint(concern.parts):
            return True
        if private(concern.hazard):
            return self.homes
        return self.oversees(concern.place_id) or self._is_named(concern)

    def oversees(self, place_id: str) -> bool:
        """Whether nothing there is withheld but what concerns homes."""
        return any(is_within(place_id, area) for area in self.areas)

    def _is_named(self, concern: Concern) -> bool:
        return any(
            not one.refs.isdisjoint(concern.named) and any(is_within(concern.place_id, area) for area in one.areas)
            for one in self.serving
        )


def outlook(register: Register, member: Member) -> Outlook:
    """What a member sees of an estate, through every party they act for there. Residents reach public matters only, by other
    fences, and of homes none but their own household's.
    """
    areas: set[str] = {EVERYWHERE} if member.role is Role.RESIDENT else set()
    parties: set[str] = set()
    serving: list[Serving] = []
    homes = False
    streets = {street.id for street in register.streets(register.estate.place_id)}
    for one in member.memberships:
        party = register.party(one.party_id)
        works = one.role is not Role.RESIDENT
        if works or party.kind is PartyKind.HOUSEHOLD:
            parties.add(party.id)
        if works:
            areas.update(_overseen(register, party, one.role))
            serving.append(Serving(frozenset(_names(party)), party.serves))
            homes |= party.id == register.fallback.id or (party.id in streets and one.role in _HEADS)
    if EVERYWHERE in areas or any(is_within(register.estate.place_id, area) for area in areas):
        areas = {EVERYWHERE}
        serving = []
    return Outlook(tuple(sorted(areas)), frozenset(parties), tuple(serving), homes)


_RUNS: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
"""Who keeps the installation running reads what its nodes raise: without it nobody could tell whether they do."""


def _overseen(register: Register, party: Party, role: Role) -> tuple[str, ...]:
    """The areas of which it sees everything. Who runs the installation, who answers for what nobody else does, and who
    decides disputes see the whole estate.
    """
    runs_it = party.kind is PartyKind.PLATFORM_OPERATOR and role in _RUNS
    if runs_it or party.id in {register.estate.fallback_party_id, register.estate.arbiter_party_id}:
        return (EVERYWHERE,)
    return party.serves if party.kind in OVERSEES else ()


def _names(party: Party) -> Iterator[PartyRef]:
    """Every way in which a duty may mean it."""
    yield PartyRef("kind", party.kind.value)
    yield PartyRef("id", party.id)
    if party.phone:
        yield PartyRef("phone", party.phone)


def concern_of(task: Task, place_id: str) -> Concern:
    """Whom a task concerns. A part is a part, whatever came of it: who declined is still told who does it instead."""
    asked = (part.handing_to for part in task.assignments if part.handing_to)
    arbiters = (task.arbitration.arbiter_id, *task.arbitration.passed_over) if task.arbitration else ()
    called = (call.party_id for call in task.calls)
    parts = frozenset((*task.parties(), *asked, *called, *arbiters))
    return Concern(task.hazard, place_id, parts, named_by((task.duty,)))


def named_by(duties: Iterable[Duty]) -> frozenset[PartyRef]:
    """Whom rows of the matrix name: to lead, to support, to be told, or to be called when nobody answers."""
    return frozenset(
        ref
        for duty in duties
        for refs in (duty.leads, duty.supports, duty.observers, *(party_refs(s.targets) for s in duty.ladder.steps))
        for ref in refs
    )


def concern_at(register: Register, hazard_id: str, place_id: str, severity: Severity | None = None) -> Concern:
    """Whom a hazard there would concern, where no task was made of it: the rows that win there at one hour or another."""
    known = severity or hazard(hazard_id).severity
    rows = [one for one in register.matrix.duties if one.concerns(hazard_id, place_id, known)]
    found: list[Duty] = []
    for row in sorted(rows, key=lambda one: one.specificity(hazard_id), reverse=True):
        found.append(row)
        if row.hours.always:
            break
    return Concern(hazard_id, place_id, named=named_by(found))


def concerns_equipment(register: Register, seen: Outlook, item: Equipment) -> bool:
    """Whether one's duties have to do with a piece of equipment: one oversees its place, or a row for what it may raise there
    names one.
    """
    if seen.oversees(item.place_id):
        return True
    begins = _FAMILIES.get(item.kind, ("",))
    rows = [
        row
        for row in register.matrix.duties
        if _meet(item.place_id, row) and any(_may_raise(pattern, begin) for pattern in row.hazards for begin in begins)
    ]
    return seen.sees(Concern("", item.place_id, named=named_by(rows)))


def _meet(place_id: str, row: Duty) -> bool:
    return is_within(place_id, row.place_id)


def _may_raise(pattern: str, begin: str) -> bool:
    """Whether a pattern of hazards has to do with those that begin like that."""
    stem = pattern.removesuffix("*")
    return stem.startswith(begin) or begin.startswith(stem)
