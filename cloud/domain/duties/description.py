"""An estate as its people describe it, checked as a whole before any of it is believed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cloud.domain.community.faults import called, fault
from cloud.domain.community.party import NEVER_LEAD, WELFARE, Member, Party, PartyKind, PartyRef, keeps_out
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.community.public_days import known_region
from cloud.domain.community.roster import Roster, roster_problems
from cloud.domain.duties.duty import Duty, DutyMatrix
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry, Register
from cloud.domain.duties.target import party_refs
from cloud.domain.duties.target_problems import target_problems
from cloud.domain.duties.upkeep import Upkeep
from cloud.errors import Invalid
from schemas.hazards import HAZARDS


@dataclass(frozen=True, slots=True)
class NamedContact:
    """A channel of a member that the estate's file names."""

    member_id: str
    channel: str
    address: str


@dataclass(frozen=True)
class EstateDescription:
    """Everything that makes a register, and the contacts of its members. Lists may come in any order; ids must be unique
    in each.
    """

    estate: Estate
    places: tuple[Place, ...]
    parties: tuple[Party, ...]
    members: tuple[Member, ...] = ()
    nodes: tuple[NodeEntry, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    duties: tuple[Duty, ...] = ()
    rosters: tuple[Roster, ...] = ()
    contacts: tuple[NamedContact, ...] = ()
    upkeep: tuple[Upkeep, ...] = ()
    matrix_given: bool = True
    added_duties: tuple[Duty, ...] = ()
    """`matrix_given` False: `duties` are a new estate's defaults and, last, the `added_duties`; an estate that has a matrix
    already keeps it, with these added."""

    def beside(self, known: DutyMatrix) -> EstateDescription:
        """The same for an estate that has a matrix already."""
        if self.matrix_given:
            return self
        added = {duty.id for duty in self.added_duties}
        kept = tuple(duty for duty in known.duties if duty.id not in added)
        return replace(self, duties=(*kept, *self.added_duties))

    def digest(self) -> str:
        """SHA-256 (hex) of what it says of the estate; the same gives the same digest in every process. Contacts are not in
        it: the digest stands in the ledger, and they are personal data.
        """
        said = {key: value for key, value in asdict(self).items() if key != "contacts"}
        if not self.upkeep:
            del said["upkeep"]  # an estate that says nothing of it is what it was
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=_plain).encode()).hexdigest()

    def register(self, version: int, in_force: DutyMatrix | None = None) -> Register:
        """The snapshot it describes. Raises Invalid, which names every fault and its remedy. Rows that are `in_force` may
        name members and rosters that are gone since, or that no file names: their step is passed, which is warned of.
        """
        places = PlaceTree(self.places)
        fresh = [duty for duty in self.duties if in_force is None or duty not in in_force.duties]
        problems = [*self._problems(places), *target_problems(fresh, self.parties, self.members, self.rosters)]
        if problems:
            raise Invalid(f"The description of estate {self.estate.id!r} does not hold together.", problems)
        return Register(
            estate=self.estate,
            version=version,
            places=places,
            parties={party.id: party for party in self.parties},
            members={member.id: member for member in self.members},
            equipment={item.id: item for item in self.equipment},
            nodes={node.id: node for node in self.nodes},
            matrix=DutyMatrix(version, self.duties),
            rosters=self.rosters,
        )

    def _problems(self, places: PlaceTree) -> Iterator[str]:
        yield from self._doubled()
        yield from self._estate_problems(places)
        parties, nodes = {party.id for party in self.parties}, {node.id for node in self.nodes}
        for party in self.parties:
            for area in party.serves:
                if area not in places:
                    yield fault("party-serves-no-place", ("party", party.id), area=area)
        yield from self._member_problems(parties)
        for thing, place_id in [(("node", n.id), n.place_id) for n in self.nodes] + [
            (("equipment", e.id), e.place_id) for e in self.equipment
        ]:
            if place_id not in places:
                yield fault("place-unknown", thing, place=place_id)
        for item in self.equipment:
            if item.node_id is not None and item.node_id not in nodes:
                yield fault("node-unknown", ("equipment", item.id), node=item.node_id)
        lifts = {item.id for item in self.equipment if item.kind is EquipmentKind.LIFT}
        for upkeep in self.upkeep:
            if upkeep.equipment not in lifts:
                yield fault("dates-not-of-a-lift", ("equipment", upkeep.equipment))
        yield from matrix_problems(self.duties, places, self.parties)

    def _member_problems(self, parties: set[str]) -> Iterator[str]:
        for member in self.members:
            for party_id, count in Counter(one.party_id for one in member.memberships).items():
                if party_id not in parties:
                    yield fault("party-unknown", ("member", member.id), party=party_id)
                if count > 1:
                    yield fault("party-twice", ("member", member.id), party=party_id)
        for roster in self.rosters:
            yield from roster_problems(roster)
            yield from strangers(roster, self.members)

    def _doubled(self) -> Iterator[str]:
        for what, ids in (
            ("place", (p.id for p in self.places)),
            ("party", (p.id for p in self.parties)),
            ("member", (m.id for m in self.members)),
            ("node", (n.id for n in self.nodes)),
            ("equipment", (e.id for e in self.equipment)),
            ("duty", (d.id for d in self.duties)),
            ("roster", (r.id for r in self.rosters)),
        ):
            for name, count in Counter(ids).items():
                if count > 1:
                    yield fault("thing-twice", sort=what, sort_zh=called(what), name=name, count=count)

    def _estate_problems(self, places: PlaceTree) -> Iterator[str]:
        estate, it = self.estate, ("estate", self.estate.id)
        if estate.place_id not in places or places.get(estate.place_id).kind is not PlaceKind.ESTATE:
            yield fault("estate-place", it, place=estate.place_id)
        fallback = next((party for party in self.parties if party.id == estate.fallback_party_id), None)
        if fallback is None:
            yield fault("fallback-unknown", it, party=estate.fallback_party_id)
        elif fallback.external:
            yield fault("fallback-external", it, party=fallback.id)
        elif not fallback.may_lead:
            yield fault("fallback-never-leads", it, party=fallback.id, kind=fallback.kind)
        yield from self._arbiter_problems()
        if not known_region(estate.days.region):
            yield fault("holidays-unknown", it, region=estate.days.region)
        if estate.working_until <= estate.working_from:
            yield fault("working-hours", it)
        try:
            ZoneInfo(estate.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # "Asia" is a folder of zones
            yield fault("zone-unknown", it, zone=estate.time_zone)

    def _arbiter_problems(self) -> Iterator[str]:
        estate, it = self.estate, ("estate", self.estate.id)
        if estate.arbitrate_within <= timedelta():
            yield fault("arbitrate-within", it)
        if estate.arbiter_party_id is None:
            return
        arbiter = next((party for party in self.parties if party.id == estate.arbiter_party_id), None)
        if arbiter is None:
            yield fault("arbiter-unknown", it, party=estate.arbiter_party_id)
        elif not arbiter.may_lead:
            yield fault("arbiter-kind", it, party=arbiter.id, kind=arbiter.kind)
        elif not any(member.party_id == arbiter.id for member in self.members):
            yield fault("arbiter-empty", it, party=arbiter.id)


def matrix_problems(duties: Iterable[Duty], places: PlaceTree, parties: Iterable[Party]) -> Iterator[str]:
    """What is wrong with a matrix, row by row, each with its remedy."""
    parties = list(parties)
    seen: dict[tuple[Any, ...], str] = {}
    for duty in duties:
        if duty.place_id and duty.place_id not in places:
            yield fault("duty-place", ("duty", duty.id), place=duty.place_id)
        yield from _lead_problems(duty, parties)
        yield from _lay_problems(duty, parties)
        if duty.tto > duty.ttr:
            yield fault("tto-over-ttr", ("duty", duty.id))
        yield from _limit_problems(duty)
        for ref in _references(duty):
            if ref.by != "kind" and not any(ref.matches(party) for party in parties):
                yield fault("reference-unknown", ("duty", duty.id), ref=ref)
        for pattern in duty.hazards:
            key = (pattern, duty.place_id, duty.hours.days, duty.hours.start, duty.hours.end, duty.severity)
            if key in seen:
                yield fault("row-said-twice", ("duty", duty.id), pattern=pattern, other=seen[key])
            seen.setdefault(key, duty.id)


def strangers(roster: Roster, members: Iterable[Member]) -> Iterator[str]:
    """Whom a roster names although they do not act for its party."""
    own = {member.id for member in members if member.role_in(roster.party_id) is not None}
    for name in sorted(roster.people() - own):
        yield fault("stranger-on-roster", ("roster", roster.id), member=name, party=roster.party_id)


def _lead_problems(duty: Duty, parties: Iterable[Party]) -> Iterator[str]:
    """However a lead is named - by kind, by id, by number -, what it is decides whether it may lead."""
    if not duty.leads:
        yield fault("no-lead", ("duty", duty.id))
    homely = all(pattern.startswith(WELFARE) for pattern in duty.hazards)
    parties = tuple(parties)
    for ref in duty.leads:
        kinds = (
            {k for k in PartyKind if k == ref.value}
            if ref.by == "kind"
            else {p.kind for p in parties if ref.matches(p)}
        )
        for kind in sorted(kinds & NEVER_LEAD - ({PartyKind.HOUSEHOLD} if homely else set())):
            by_name, family = ref.by != "kind", kind is PartyKind.HOUSEHOLD
            yield fault(
                "never-leads",
                ("duty", duty.id),
                kind=kind,
                named=f"{ref} is a {kind}: " if by_name else "",
                named_zh=f"{ref}：" if by_name else "",
                but=" (but for the welfare of its own family)" if family else "",
                but_zh="（自家关照除外）" if family else "",
            )


def _lay_problems(duty: Duty, parties: Iterable[Party]) -> Iterator[str]:
    """Whom a row on fires must not ask to come. In a row on everything they are passed over where it burns."""
    fires = [known.id for known in HAZARDS.values() if known.family == "fire" and duty.names(known.id)]
    if "*" in duty.hazards:
        return
    for ref in (*duty.supports, *(ref for step in duty.ladder.steps for ref in party_refs(step.targets))):
        kinds = [ref.value] if ref.by == "kind" else [party.kind for party in parties if ref.matches(party)]
        if any(keeps_out(kind, one) for kind in kinds for one in fires):
            yield fault("never-enters", ("duty", duty.id), ref=ref)


def _limit_problems(duty: Duty) -> Iterator[str]:
    for one in duty.limits:
        accept, finish = one.accept or duty.tto, one.finish or duty.ttr
        if max(accept, one.arrive or accept) > finish:
            yield fault("limits", ("duty", duty.id), ref=one.ref)


def _references(duty: Duty) -> Iterator[PartyRef]:
    yield from (*duty.leads, *duty.supports, *duty.observers, *duty.call_sheet)
    for step in duty.ladder.steps:
        yield from party_refs(step.targets)


def _plain(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, frozenset) else str(value)
