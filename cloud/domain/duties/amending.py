"""An estate that is known already, described anew: with things added or said otherwise, and what that changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cloud.domain.community.faults import fault
from cloud.domain.community.party import Member, Party
from cloud.domain.community.place import Place
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.register import Equipment, EquipmentKind, NodeEntry, Register
from cloud.domain.duties.upkeep import Upkeep
from cloud.errors import Invalid

TABLES: Final = ("places", "parties", "members", "rosters", "nodes", "equipment", "upkeep", "duties")
"""Of what a description consists that has ids."""


@dataclass(frozen=True, slots=True)
class DutyEdit:
    """A row of the matrix as a table says it. What a table has no column for - ladder, proof, pauses - is that of the row it
    changes or, for a new one, of the row named in `like`. `given`: the fields that are said. `whole`: the row itself, where
    all of it is said.
    """

    id: str
    like: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    whole: Duty | None = None

    def applied(self, known: Mapping[str, Duty]) -> Duty:
        """Raises Invalid."""
        if self.whole is not None:
            return self.whole
        base = known.get(self.id) or known.get(self.like or "")
        if base is None:
            rows = ", ".join(sorted(known))
            raise Invalid("The duty cannot be made.", [fault("like-unknown", ("duty", self.id), rows=rows)])
        kept = self.given.get("supports", base.supports)
        limits = tuple(one for one in base.limits if one.ref in kept)
        # Whether its text was seen is said of this basis, and of no other.
        seen = base.basis_seen if self.given.get("basis", base.basis) == base.basis else None
        # Who says how long it takes to be on site says it of this estate, wherever it lies.
        said = "arrive" in self.given and self.given["arrive"] != base.arrive
        outside = None if said else base.arrive_outside_towns
        return replace(base, id=self.id, limits=limits, basis_seen=seen, arrive_outside_towns=outside, **self.given)


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is added or said otherwise; each thing by its id. What is not named stays as it is."""

    places: tuple[Place, ...] = ()
    parties: tuple[Party, ...] = ()
    members: tuple[Member, ...] = ()
    nodes: tuple[NodeEntry, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    upkeep: tuple[Upkeep, ...] = ()
    duties: tuple[DutyEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the things of one sort, by id. `table` is one of TABLES, or `estate`."""

    table: str
    added: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def described(register: Register, upkeep: Iterable[Upkeep] = ()) -> EstateDescription:
    """The description that makes this register. Contacts are not in it: they are personal data. `upkeep`: of what is no lift
    here any more nothing is said. Nor is it of what parties serve and members are elsewhere: the estates beside it say that.
    """
    parties = (
        replace(one, serves=tuple(area for area in one.serves if area in register.places))
        for one in register.parties.values()
    )
    members = (
        replace(one, also=tuple(also for also in one.also if also.party_id in register.parties))
        for one in register.members.values()
    )
    lifts = {one.id for one in register.equipment.values() if one.kind is EquipmentKind.LIFT}
    dated = (one for one in upkeep if one.equipment in lifts and (one.maintained_on or one.inspected_until))
    rosters = tuple(replace(one, overrides=(), revision=1, laid=True) for one in register.rosters)
    return settled(
        EstateDescription(
            estate=register.estate,
            places=tuple(register.places),
            parties=tuple(parties),
            members=tuple(members),
            nodes=tuple(register.nodes.values()),
            equipment=tuple(register.equipment.values()),
            duties=register.matrix.duties,
            rosters=rosters,
            upkeep=tuple(dated),
        )
    )


def settled(description: EstateDescription) -> EstateDescription:
    """The same with everything in one order, so that two that say the same are equal. The order of duties has a meaning."""
    return replace(
        description,
        places=tuple(sorted(description.places, key=lambda one: one.id)),
        parties=tuple(sorted(description.parties, key=lambda one: one.id)),
        members=tuple(
            replace(one, also=tuple(sorted(one.also, key=lambda also: also.party_id)))
            for one in sorted(description.members, key=lambda one: one.id)
        ),
        nodes=tuple(sorted(description.nodes, key=lambda one: one.id)),
        equipment=tuple(sorted(description.equipment, key=lambda one: one.id)),
        rosters=tuple(sorted(description.rosters, key=lambda one: one.id)),
        upkeep=tuple(sorted(description.upkeep, key=lambda one: one.equipment)),
        contacts=(),
        matrix_given=True,
        added_duties=(),
    )


def amended(description: EstateDescription, amendment: Amendment) -> EstateDescription:
    """Raises Invalid."""
    rows = {duty.id: duty for duty in description.duties}
    edits = {edit.id: edit.applied(rows) for edit in amendment.duties}
    duties = (*(edits.pop(duty.id, duty) for duty in description.duties), *edits.values())
    upkeep = {one.equipment: one for one in description.upkeep}
    for said in amendment.upkeep:
        known = upkeep.get(said.equipment, said)
        upkeep[said.equipment] = known.with_later(said.maintained_on, said.inspected_until)
    return settled(
        replace(
            description,
            places=_with(description.places, amendment.places),
            parties=_with(description.parties, amendment.parties),
            members=_with(description.members, amendment.members),
            nodes=_with(description.nodes, amendment.nodes),
            equipment=_with(description.equipment, amendment.equipment),
            upkeep=tuple(upkeep.values()),
            duties=duties,
        )
    )


def changes(before: EstateDescription | None, after: EstateDescription) -> tuple[Change, ...]:
    """What is other in the second; sorts of which nothing is are left out."""
    found = []
    if before is None or before.estate != after.estate:
        named = (after.estate.id,)
        found.append(Change("estate", edited=named) if before else Change("estate", added=named))
    for table in TABLES:
        old, new = ({_id(one): one for one in getattr(d, table)} if d else {} for d in (before, after))
        change = Change(
            table,
            added=tuple(sorted(new.keys() - old.keys())),
            edited=tuple(sorted(id_ for id_ in new.keys() & old.keys() if new[id_] != old[id_])),
            removed=tuple(sorted(old.keys() - new.keys())),
        )
        if change.added or change.edited or change.removed:
            found.append(change)
        elif table == "duties" and tuple(old) != tuple(new):
            found.append(Change(table, edited=tuple(new)))  # only their order, which decides between equals
    return tuple(found)


def _id(one: Any) -> str:
    return str(one.equipment if isinstance(one, Upkeep) else one.id)


def _with(known: Iterable[Any], said: Iterable[Any]) -> tuple[Any, ...]:
    found = {one.id: one for one in known}
    found.update((one.id, one) for one in said)
    return tuple(found.values())
