"""Who is reached and who is not, as shown: kinds of channels and whether they are proven, never an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, Role
from cloud.domain.duties.channels import Answering, Channel
from cloud.domain.duties.coverage import Coverage, Gap, Hole
from cloud.domain.duties.escalation import Condition, Importance
from cloud.domain.duties.meant import only_names, target_names
from cloud.domain.duties.oversight import one_level_up
from cloud.domain.duties.reach import Ground
from cloud.domain.duties.reached import Call, CallRole, PartyReached, PersonReached, Reached
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import TraceLine
from cloud.domain.duties.surveyed import buildings
from schemas.hazards import Severity, hazard


@dataclass(frozen=True, slots=True)
class ReachedPersonView:
    """A member, the kinds of channels in the order in which they are tried, and how surely they answer."""

    id: str
    names: Names
    role: Role
    channels: Sequence[Channel]
    answering: Answering


@dataclass(frozen=True, slots=True)
class ReachedPartyView:
    """A party that is called: who of it `first`, who after them. `ground` says why these. `accept_s`, `arrive_s`: seconds
    within which it is to answer and to be on site, where it leads or supports. `only`: of it these people alone.
    """

    id: str
    names: Names
    role: CallRole
    ground: Ground
    answering: Answering
    first: Sequence[ReachedPersonView]
    then: Sequence[ReachedPersonView]
    accept_s: float | None = None
    arrive_s: float | None = None
    only: Sequence[Names] = ()


@dataclass(frozen=True, slots=True)
class NumberView:
    """A number that a person dials."""

    party_id: str
    names: Names
    phone: str


@dataclass(frozen=True, slots=True)
class CallView:
    """One call. `condition` None: at once; a step of the ladder is taken only while its condition holds, and `passed` at once
    where it reaches nobody. `after_s`: seconds from the beginning; `every_s` and `times`: how it repeats, `times` None beside
    `every_s` without bound; `each_answers`: each party has to acknowledge for itself.
    """

    at: datetime
    after_s: float
    condition: Condition | None
    importance: Importance
    parties: Sequence[ReachedPartyView]
    numbers: Sequence[NumberView]
    nobody: Sequence[Names]
    passed: bool
    every_s: float | None
    times: int | None
    each_answers: bool
    endless: bool


@dataclass(frozen=True, slots=True)
class ReachedView:
    """Every call that the hazard would bring there and then if nobody answered, and why these parties."""

    hazard: str
    hazard_names: Names
    severity: Severity
    life_safety: bool
    place_id: str
    place: Names
    at: datetime
    duty_id: str
    duty_version: int
    basis: Names
    trace: Sequence[TraceLine]
    calls: Sequence[CallView]


@dataclass(frozen=True, slots=True)
class BuildingName:
    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class HoleView:
    """Hazards that reach nobody surely in a spell in any of these buildings, for the same reason. `owner`: whose hole it is;
    `above`: who sees to it that it is filled; `role`: as what it would be called. `weak`: no life is at stake, and it would
    not lead, or is called through a channel that nobody has proven. `only`: of its people these alone are meant, by
    the roster `roster_id` where it is one.
    """

    buildings: Sequence[BuildingName]
    hazards: Sequence[str]
    starts_at: datetime
    ends_at: datetime
    gap: Gap
    owner_id: str
    owner: Names
    above_id: str
    above: Names
    role: CallRole
    weak: bool
    life_safety: bool
    only: Sequence[Names] = ()
    roster_id: str | None = None


@dataclass(frozen=True, slots=True)
class CoverageView:
    """`watched`: how many pairs of building and hazard were looked at, hour by hour, from `since` until `until`."""

    since: datetime
    until: datetime
    buildings: Sequence[BuildingName]
    watched: int
    holes: Sequence[HoleView]


def reached_view(found: Reached, register: Register) -> ReachedView:
    known, duty = hazard(found.hazard), found.routing.duty
    return ReachedView(
        hazard=found.hazard,
        hazard_names=Names(known.zh, known.en),
        severity=found.severity,
        life_safety=known.life_safety,
        place_id=found.place_id,
        place=register.places.address(found.place_id),
        at=found.at,
        duty_id=duty.id,
        duty_version=duty.version,
        basis=duty.basis,
        trace=found.routing.trace,
        calls=[_call(call, found.place_id, register) for call in found.calls],
    )


def _call(call: Call, place_id: str, register: Register) -> CallView:
    return CallView(
        at=call.at,
        after_s=call.after.total_seconds(),
        condition=call.condition,
        importance=call.importance,
        parties=[_party(one, register) for one in call.parties],
        numbers=[NumberView(one.id, one.names, one.phone) for one in call.numbers if one.phone],
        nobody=[
            *(one.names for one in call.nobody),
            *(target_names(register, one, place_id) for one in call.missed),
        ],
        passed=call.condition is not None and call.reaches_nobody,
        every_s=call.every.total_seconds() if call.every else None,
        times=call.times,
        each_answers=call.each_answers,
        endless=call.endless,
    )


def _party(one: PartyReached, register: Register) -> ReachedPartyView:
    first, then = _people(one.first), _people(one.then)
    return ReachedPartyView(
        one.party.id, one.party.names, one.role, one.ground, one.answering, first, then,
        one.accept.total_seconds() if one.accept else None, one.arrive.total_seconds() if one.arrive else None,
        [only_names(register, each) for each in one.only],
    )  # fmt: skip


def _people(found: Iterable[PersonReached]) -> list[ReachedPersonView]:
    return [
        ReachedPersonView(one.member.id, one.member.names, one.member.role, one.channels, one.answering)
        for one in found
    ]


def coverage_view(found: Coverage, register: Register) -> CoverageView:
    """Holes of one spell, reason and owner stand together: all hazards of a building, and buildings in which they are the
    same. Those that are now come first, weak ones last.
    """
    inside: dict[tuple[object, ...], list[Hole]] = {}
    for hole in found.holes:
        key = (hole.starts_at, hole.ends_at, hole.weak, hole.gap, hole.owner_id, hole.role, hole.only)
        inside.setdefault((*key, hole.building_id), []).append(hole)
    alike: dict[tuple[object, ...], list[list[Hole]]] = {}
    for within, holes in inside.items():
        alike.setdefault((*within[:-1], *(hole.hazard for hole in holes)), []).append(holes)
    shown = [_hole(each, register) for each in alike.values()]
    shown.sort(key=lambda one: (one.weak, one.starts_at, not one.life_safety, one.gap, one.owner_id))
    names = [_building(one, register) for one in buildings(register)]
    return CoverageView(found.since, found.until, names, len(found.watched), shown)


def _building(place_id: str, register: Register) -> BuildingName:
    return BuildingName(place_id, register.places.get(place_id).names)


def _hole(alike: Sequence[Sequence[Hole]], register: Register) -> HoleView:
    """`alike`: by building, its holes."""
    hole, owner = alike[0][0], register.party(alike[0][0].owner_id)
    above: Party = one_level_up(register, owner, register.estate.place_id)
    return HoleView(
        buildings=[_building(holes[0].building_id, register) for holes in alike],
        hazards=[one.hazard for one in alike[0]],
        starts_at=hole.starts_at,
        ends_at=hole.ends_at,
        gap=hole.gap,
        owner_id=owner.id,
        owner=owner.names,
        above_id=above.id,
        above=above.names,
        role=hole.role,
        weak=hole.weak,
        life_safety=any(hazard(one.hazard).life_safety for one in alike[0]),
        only=[only_names(register, one) for one in hole.only],
        roster_id=next((one.value for one in hole.only if one.by == "roster"), None),
    )
