"""Whom a step of a ladder calls at a place: the parties it means, the numbers it names, and who of them is nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cloud.domain.community.party import Party, PartyRef
from cloud.domain.duties.availability import has_people
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Step
from cloud.domain.duties.meant import meant_by
from cloud.domain.duties.oversight import one_level_up
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Narrowed, Only


@dataclass(frozen=True, slots=True)
class Targets:
    """`called` have people here; of those in `only` just some people are called, by party. `numbers` are dialled by a
    person: bodies without an account, parties that have a telephone but no people here, and those a call sheet names.
    `nobody`: parties with neither; `missed`: narrowed targets that are nobody at this moment. `stood_in`: life is at stake
    and the step means nobody, so the fallback party is called rather than none.
    """

    called: tuple[Party, ...]
    numbers: tuple[Party, ...]
    nobody: tuple[Party, ...]
    stood_in: bool = False
    only: Mapping[str, tuple[Only, ...]] = field(default_factory=dict)
    missed: tuple[Narrowed, ...] = ()

    @property
    def reaches_nobody(self) -> bool:
        return not self.called and not self.numbers

    @property
    def unreached(self) -> list[str]:
        """Parties and narrowed targets that are nobody, by what the matrix calls them."""
        return [*(party.id for party in self.nobody), *map(str, self.missed)]


def targets_of(register: Register, step: Step, place_id: str, moment: datetime, *, life_safety: bool) -> Targets:
    """Of each reference the nearest party of which anybody can be reached; failing that it is nobody. Whom a call sheet
    names is phoned as well: it may be its channels that fail. A narrowed target that is nobody is not widened to its party,
    for the step says who; the next step is there for that.
    """
    found = _Found(register, step, place_id, moment)
    for ref in step.targets:
        if isinstance(ref, PartyRef):
            found.add(ref)
        else:
            found.add_narrowed(ref)
    targets = found.targets()
    silent = targets.reaches_nobody or len(targets.missed) == len(step.targets)
    if silent and life_safety and step.endless:
        # Where life is at stake the calling itself must not go on in silence.
        last = register.fallback
        numbers = targets.numbers or ((last,) if step.call_sheet and last.phone else ())
        return Targets((last,), numbers, targets.nobody, stood_in=True, missed=targets.missed)
    return targets


class _Found:
    """What the targets of one step come to, one after the other."""

    def __init__(self, register: Register, step: Step, place_id: str, moment: datetime) -> None:
        self._register, self._step, self._place, self._moment = register, step, place_id, moment
        self._called: list[Party] = []
        self._whole: set[str] = set()
        self._only: dict[str, tuple[Only, ...]] = {}
        self._numbers: list[Party] = []
        self._nobody: list[Party] = []
        self._missed: list[Narrowed] = []

    def add(self, ref: PartyRef) -> None:
        meant = self._register.meant(ref, self._place)
        peopled = next((one for one in meant if has_people(self._register, one, self._moment)), None)
        dialled = next((one for one in meant if one.phone), None)
        if peopled is not None:
            self._called.append(peopled)
            self._whole.add(peopled.id)
            self._phoned(peopled)
        elif dialled is not None:
            self._numbers.append(dialled)
        else:
            self._nobody += meant[:1]

    def add_narrowed(self, target: Narrowed) -> None:
        meant, only = meant_by(self._register, target, self._place), (target.only,)
        peopled = next((one for one in meant if has_people(self._register, one, self._moment, only)), None)
        if peopled is not None:
            self._called.append(peopled)
            self._only[peopled.id] = tuple(dict.fromkeys((*self._only.get(peopled.id, ()), target.only)))
        else:
            self._missed.append(target)
        for one in [peopled] if peopled else meant[:1]:
            self._phoned(one)

    def _phoned(self, party: Party) -> None:
        self._numbers += [party] if self._step.call_sheet and party.phone else []

    def targets(self) -> Targets:
        # Whoever is called as a whole is not called in part besides.
        only = {party: these for party, these in self._only.items() if party not in self._whole}
        called, numbers = dict.fromkeys(self._called), dict.fromkeys(self._numbers)
        return Targets(tuple(called), tuple(numbers), tuple(self._nobody), only=only, missed=tuple(self._missed))


def next_level(
    register: Register, duty: Duty, lead: Party, *, place_id: str, moment: datetime, asked: Collection[str]
) -> Party:
    """Who takes over when the ladder has ended and nobody has answered: the nearest level above the lead that neither had
    a part (`asked`) nor was called by the ladder, as a whole.
    """
    steps = (targets_of(register, step, place_id, moment, life_safety=False) for step in duty.ladder.steps)
    called = {party.id for meant in steps for party in meant.called if party.id not in meant.only}
    return one_level_up(register, lead, place_id, called.union(asked))
