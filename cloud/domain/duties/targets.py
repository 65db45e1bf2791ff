"""Whom a step of a ladder calls at a place: the parties it means, the numbers it names, and who of them is nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cloud.domain.community.party import Party
from cloud.domain.duties.availability import has_people
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Step
from cloud.domain.duties.oversight import one_level_up
from cloud.domain.duties.register import Register


@dataclass(frozen=True, slots=True)
class Targets:
    """`called` have people here; `numbers` are dialled by a person: bodies without an account, parties that have a telephone
    but no people here, and those a call sheet names. `nobody`: parties with neither. `stood_in`: life is at stake and the step means nobody,
    so the fallback party is called rather than none.
    """

    called: tuple[Party, ...]
    numbers: tuple[Party, ...]
    nobody: tuple[Party, ...]
    stood_in: bool = False

    @property
    def reaches_nobody(self) -> bool:
        return not self.called and not self.numbers


def targets_of(register: Register, step: Step, place_id: str, moment: datetime, *, life_safety: bool) -> Targets:
    """Of each reference the nearest party of which anybody can be reached; failing that it is nobody. Whom a call sheet
    names is phoned as well: it may be its channels that fail.
    """
    called: list[Party] = []
    numbers: list[Party] = []
    nobody: list[Party] = []
    for ref in step.targets:
        meant = register.meant(ref, place_id)
        peopled = next((one for one in meant if has_people(register, one, moment)), None)
        dialled = next((one for one in meant if one.phone), None)
        if peopled is not None:
            called.append(peopled)
            numbers += [peopled] if step.call_sheet and peopled.phone else []
        elif dialled is not None:
            numbers.append(dialled)
        else:
            nobody += meant[:1]
    found = Targets(tuple(dict.fromkeys(called)), tuple(dict.fromkeys(numbers)), tuple(nobody))
    if found.reaches_nobody and life_safety and step.endless:
        # Where life is at stake the calling itself must not go on in silence.
        return Targets((register.fallback,), (), found.nobody, stood_in=True)
    return found


def next_level(
    register: Register, duty: Duty, lead: Party, *, place_id: str, moment: datetime, asked: Collection[str]
) -> Party:
    """Who takes over when the ladder has ended and nobody has answered: the nearest level above the lead that neither had
    a part (`asked`) nor was called by the ladder.
    """
    steps = (targets_of(register, step, place_id, moment, life_safety=False) for step in duty.ladder.steps)
    called = {party.id for meant in steps for party in meant.called}
    return one_level_up(register, lead, place_id, called.union(asked))
