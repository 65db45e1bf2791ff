"""Who is reached: every call that a hazard would bring at a place and a moment if nobody answered, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from cloud.domain.community.party import Member, Party
from cloud.domain.duties.channels import Answering, Channel, Channels
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, Importance, Ladder, Step
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, route
from cloud.domain.duties.target import Narrowed, Only
from cloud.domain.duties.targets import Targets, next_level, targets_of
from schemas.hazards import Severity, hazard

MOST_TURNS: Final = 20_000
"""A step every two minutes beside one that waits a fortnight: beyond this the later ones are not worked out."""


class CallRole(StrEnum):
    """As what a party is called."""

    LEAD = "lead"
    SUPPORT = "support"
    OBSERVER = "observer"
    CALLED = "called"
    """By the ladder."""
    TAKES_OVER = "takes_over"
    """By the end of the ladder, one level up."""
    ARBITER = "arbiter"
    """To decide who leads."""


@dataclass(frozen=True, slots=True)
class PersonReached:
    """A member and through what; `answering`: how surely."""

    member: Member
    channels: tuple[Channel, ...]
    answering: Answering


@dataclass(frozen=True, slots=True)
class PartyReached:
    """A party that is called: whom of it first, whom after them. `ground` says why these. `accept`, `arrive`: within what it
    is to answer and to be on site, where it leads or supports. `only`: the people whom a step means, where not all of it.
    """

    party: Party
    role: CallRole
    ground: Ground
    first: tuple[PersonReached, ...]
    then: tuple[PersonReached, ...]
    answering: Answering
    accept: timedelta | None = None
    arrive: timedelta | None = None
    only: tuple[Only, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """What happens at `at`, `after` the beginning: at once (`condition` None) or as a step of the ladder, taken only while
    its condition holds. `numbers` are for a person to dial; `nobody` are parties of which nobody can be reached; a call that
    reaches nobody is passed at once. `missed` are people whom a step means and who are nobody then. `every`, `times`: how it repeats; `times` None beside `every` is without bound.
    """

    at: datetime
    after: timedelta
    condition: Condition | None
    parties: tuple[PartyReached, ...]
    numbers: tuple[Party, ...] = ()
    nobody: tuple[Party, ...] = ()
    importance: Importance = Importance.NORMAL
    every: timedelta | None = None
    times: int | None = None
    each_answers: bool = False
    endless: bool = False
    missed: tuple[Narrowed, ...] = ()

    @property
    def reaches_nobody(self) -> bool:
        return not self.parties and not self.numbers


@dataclass(frozen=True, slots=True)
class Reached:
    """`calls` in order; the ladder ends in an endless step or, one level up, in a party that is asked to take over."""

    hazard: str
    severity: Severity
    place_id: str
    at: datetime
    routing: Routing
    calls: tuple[Call, ...]


def who_is_reached(
    register: Register, channels: Channels, hazard_id: str, place_id: str, at: datetime, *,
    severity: Severity | None = None,
) -> Reached:  # fmt: skip
    """Whom that hazard would reach there and then, as long as nobody answers."""
    grave = severity or hazard(hazard_id).severity
    routing = route(register, hazard_id, place_id, at, severity=grave)
    people = _People(register, channels, hazard(hazard_id).life_safety)
    ladder = tuple(_ladder(register, routing, people, hazard_id=hazard_id, place_id=place_id, at=at))
    return Reached(hazard_id, grave, place_id, at, routing, (_at_once(routing, people, hazard_id, at), *ladder))


@dataclass(frozen=True)
class _People:
    """Judged as messages are (`Summons`): where life is at stake quiet hours are none, except for who is merely told."""

    register: Register
    channels: Channels
    life: bool

    def of(
        self, party: Party, role: CallRole, moment: datetime, importance: Importance = Importance.HIGH,
        only: tuple[Only, ...] = (),
    ) -> PartyReached:  # fmt: skip
        """`importance`: how gravely it is said to it, where a step of the ladder does; `only`: to whom of it alone."""
        found = reach(self.register, party.id, moment, only)
        answering = partial(
            self.channels.answering_at,
            local=self.register.estate.local(moment),
            life=self.life,
            told=role is CallRole.OBSERVER or importance is Importance.NORMAL,
        )

        def through(members: Iterable[Member]) -> tuple[PersonReached, ...]:
            return tuple(PersonReached(one, self.channels.of(one.id), answering([one])) for one in members)

        return PartyReached(
            party, role, found.ground, through(found.first), through(found.then), answering(found.first), only=only
        )


def _limited(party: PartyReached, duty: Duty) -> PartyReached:
    if party.role is CallRole.SUPPORT:
        own = duty.limits_of(party.party.id)
        return replace(party, accept=own.accept, arrive=own.arrive)
    return replace(party, accept=duty.tto, arrive=duty.arrive) if party.role is CallRole.LEAD else party


def _at_once(routing: Routing, people: _People, hazard_id: str, at: datetime) -> Call:
    roles = (
        (CallRole.LEAD, (routing.lead,)),
        (CallRole.SUPPORT, routing.supports),
        (CallRole.OBSERVER, routing.observers),
    )
    with_account = [(role, party) for role, parties in roles for party in parties if not party.external]
    outside = tuple(party for _, parties in roles for party in parties if party.external and party.phone)
    called = tuple(_limited(people.of(party, role, at), routing.duty) for role, party in with_account)
    importance = Importance.EMERGENCY if hazard(hazard_id).life_safety else Importance.HIGH
    return Call(at, timedelta(), None, called, outside, importance=importance)


def _ladder(
    register: Register, routing: Routing, people: _People, *, hazard_id: str, place_id: str, at: datetime
) -> Iterator[Call]:
    """The steps in the order in which they would be taken, each when it is for the first time; at the end of a ladder that
    has one, who takes over.
    """
    duty, life, taken = routing.duty, hazard(hazard_id).life_safety, set[int]()
    policy, last = duty.ladder, at
    ladder = Ladder.start(policy, at, duty.calendar)
    for _ in range(MOST_TURNS):
        if ladder.due_at is None or (policy.endless and len(taken) == len(policy.steps)):
            break
        number, last = ladder.step, ladder.due_at
        meant = targets_of(register, policy.steps[number], place_id, last, life_safety=life)
        if number not in taken:
            taken.add(number)
            yield _call(policy.steps[number], meant, people, at, last)
        ladder = ladder.hurry(policy, last) if meant.reaches_nobody else ladder.climb(policy, last)
    if not policy.endless:
        asked = {party.id for party in (routing.lead, *routing.supports)}
        above = next_level(register, duty, routing.lead, place_id=place_id, moment=last, asked=asked)
        handed_on = (people.of(above, CallRole.TAKES_OVER, last),)
        yield Call(last, last - at, Condition.IF_NOT_ACKNOWLEDGED, handed_on, importance=Importance.HIGH)


def _call(step: Step, meant: Targets, people: _People, began: datetime, at: datetime) -> Call:
    weight = step.weight(life_safety=people.life)
    return Call(
        at=at,
        after=at - began,
        condition=step.condition,
        parties=tuple(
            people.of(party, CallRole.CALLED, at, weight, meant.only.get(party.id, ())) for party in meant.called
        ),
        numbers=meant.numbers,
        nobody=meant.nobody,
        importance=weight,
        every=step.again.every if step.again else None,
        times=step.again.limit if step.again else None,
        each_answers=step.multi_ack,
        endless=step.endless,
        missed=meant.missed,
    )
