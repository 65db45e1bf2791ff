"""What a new estate still lacks until an alarm in it reaches somebody: six steps, read off what is there, never ticked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import NEVER_LEAD, Party, PartyKind
from cloud.domain.community.place import Place, PlaceKind, ancestry
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.duties.target import party_refs

NOT_NAMED: Final = Names("（未命名）", "(not named yet)")
"""What a place around the estate is called until somebody says."""


class Step(StrEnum):
    """In the order in which they are taken; each may be left and taken up again."""

    ESTATE = "estate"
    PLACES = "places"
    PARTIES = "parties"
    MEMBERS = "members"
    NODE = "node"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Played:
    """A kind of party that the matrix names, and who plays it here. `needed`: it leads something that nobody else would."""

    kind: PartyKind
    needed: bool
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A building with how many floors and pieces of equipment of each kind it has."""

    building: Place
    floors: int
    equipment: Mapping[EquipmentKind, int]


@dataclass(frozen=True, slots=True)
class FirstHour:
    """How far an estate is. `spoken`: nodes from which a word came; `peopled`: parties that have a member or were asked in;
    `tested`: the last test alarm reached somebody; `reachable`: parties of which somebody has a proven way.
    """

    register: Register
    spoken: frozenset[str]
    peopled: frozenset[str]
    tested: bool
    reachable: frozenset[str] = frozenset()

    @property
    def around(self) -> tuple[Place, ...]:
        """The places the estate lies in, the largest first."""
        outer = [*ancestry(self.register.estate.place_id)][1:]
        return tuple(self.register.places.get(one) for one in reversed(outer))

    @property
    def buildings(self) -> tuple[Place, ...]:
        return tuple(
            sorted((p for p in self.register.places if p.kind is PlaceKind.BUILDING), key=lambda p: _natural(p.id))
        )

    @property
    def standing(self) -> tuple[Standing, ...]:
        """What stands in each building."""
        register = self.register
        floors = Counter(register.building_of(p.id) for p in register.places if p.kind is PlaceKind.FLOOR)
        kinds: dict[str, Counter[EquipmentKind]] = {}
        for item in register.equipment.values():
            kinds.setdefault(register.building_of(item.place_id), Counter())[item.kind] += 1
        return tuple(Standing(one, floors[one.id], kinds.get(one.id, Counter())) for one in self.buildings)

    @property
    def roles(self) -> tuple[Played, ...]:
        """Those that lead, first; then those that only help."""
        register, home = self.register, self.register.estate.place_id
        here = [one for one in register.parties.values() if any(one.closeness(p.id) >= 0 for p in register.places)]
        present = {one.kind for one in here}
        unled = frozenset(self._unled(present))
        found = []
        for kind in self._kinds():
            parties = tuple(one for one in here if one.kind is kind and one.closeness(home) >= 0)
            found.append(Played(kind, kind in unled or (bool(parties) and self._leads(kind)), parties))
        return tuple(sorted(found, key=lambda one: not one.needed))

    @property
    def unplayed(self) -> tuple[PartyKind, ...]:
        """Kinds without which something would have no lead of its own."""
        return tuple(one.kind for one in self.roles if one.needed and not one.parties)

    @property
    def empty(self) -> tuple[Party, ...]:
        """Parties that play a needed part here and have nobody in them."""
        return tuple(party for one in self.roles if one.needed for party in one.parties if party.id not in self.peopled)

    @property
    def unreached(self) -> tuple[Party, ...]:
        """Parties that play a needed part here and of which nobody has a proven way."""
        return tuple(
            party for one in self.roles if one.needed for party in one.parties if party.id not in self.reachable
        )

    @property
    def external(self) -> tuple[Party, ...]:
        return tuple(one for one in self.register.parties.values() if one.external)

    def done(self, step: Step) -> bool:
        register = self.register
        match step:
            case Step.ESTATE:
                return all(place.names != NOT_NAMED for place in self.around)
            case Step.PLACES:
                return bool(self.buildings) and bool(register.equipment)
            case Step.PARTIES:
                return not self.unplayed
            case Step.MEMBERS:
                return not self.unplayed and not self.empty and not self.unreached
            case Step.NODE:
                return bool(self.spoken & register.nodes.keys())
            case Step.TEST:
                return self.tested

    @property
    def next(self) -> Step | None:
        """The first that is not done; None when all are."""
        return next((step for step in Step if not self.done(step)), None)

    def _kinds(self) -> Iterator[PartyKind]:
        """Those that the matrix names, in its order; never who has no account, nor whom the register names by home."""
        named = (
            ref.value
            for duty in self.register.matrix.duties
            for ref in (
                *duty.leads,
                *duty.supports,
                *duty.observers,
                *(ref for step in duty.ladder.steps for ref in party_refs(step.targets)),
            )
            if ref.by == "kind"
        )
        for value in dict.fromkeys(named):
            if PartyKind(value) not in NEVER_LEAD:
                yield PartyKind(value)

    def _leads(self, kind: PartyKind) -> bool:
        return any(ref.by == "kind" and ref.value == kind for duty in self.register.matrix.duties for ref in duty.leads)

    def _unled(self, present: Collection[PartyKind]) -> Iterator[PartyKind]:
        """Of each row that nobody here would lead, the first who should."""
        for duty in self.register.matrix.duties:
            kinds = [PartyKind(ref.value) for ref in duty.leads if ref.by == "kind"]
            fit = [kind for kind in kinds if kind not in NEVER_LEAD]
            named = any(ref.by != "kind" for ref in duty.leads)
            if fit and not named and not set(present) & set(fit):
                yield fit[0]


def _natural(place_id: str) -> tuple[int, str]:
    """Building 2 before building 10."""
    digits = "".join(letter for letter in place_id.rpartition("/")[2] if letter.isdigit())
    return int(digits or 0), place_id
