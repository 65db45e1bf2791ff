"""Who hears of an exercise before it begins: whom the duties of its points would call, were it real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.duties.duty import pattern_matches
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import route
from cloud.domain.duties.targets import targets_of
from cloud.domain.incidents.drilled import drilled_names, families
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.records.missive import Subject
from schemas.hazards import HAZARDS

_NAMED: Final = 3
"""Points that an announcement names; the rest is counted."""
_DRILLED: Final = 5
"""Hazards that it names."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """`told` have people here; `by_phone` have none, so that whoever plans it has to phone them."""

    told: tuple[str, ...]
    by_phone: tuple[str, ...]


def concerned(register: Register, hazards: Mapping[str, Sequence[str]], at: datetime) -> Concerned:
    """Whom the duties of these points' `hazards` name at that moment: leads, supports, who is told, and the ladder's targets. A household
    is none of them, for nobody exercises in a home; nor is a number anybody may dial, for exercises never dial it.
    """
    found: dict[str, Party] = {}
    for hazard_id, place in sorted({pair for one in hazards for pair in _of(register, one, hazards[one])}):
        found |= {party.id: party for party in _named(register, hazard_id, place, at)}
    wanted = [
        party for _, party in sorted(found.items()) if party.kind not in (PartyKind.HOUSEHOLD, PartyKind.EXTERNAL)
    ]
    told = tuple(party.id for party in wanted if callable_members(register, party.id))
    return Concerned(told, tuple(party.id for party in wanted if party.id not in told))


def _of(register: Register, equipment_id: str, patterns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What it may raise that is exercised, and where."""
    own, place = families(register, equipment_id), register.whereabouts(equipment_id, None)
    for known in HAZARDS.values():
        if known.family in own and any(pattern_matches(one, known.id) for one in patterns):
            yield known.id, place


def _named(register: Register, hazard_id: str, place_id: str, at: datetime) -> Iterator[Party]:
    routing = route(register, hazard_id, place_id, at)
    yield from (routing.lead, *routing.supports, *routing.observers)
    local, life_safety = register.estate.local(at), HAZARDS[hazard_id].life_safety
    for step in routing.duty.ladder.steps:
        meant = targets_of(register, step, place_id, local, life_safety=life_safety)
        yield from (*meant.called, *meant.numbers)


def announcement(register: Register, exercise: Exercise, subject: Subject) -> Names:
    """What those concerned are told, in the estate's own time."""
    party, where = register.party(exercise.party_id).names, _points(register, exercise.equipment)
    begins, ends = register.estate.local(exercise.starts_at), register.estate.local(exercise.ends_at)
    last = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%m-%d %H:%M}"
    when = f"{begins:%m-%d %H:%M}–{last}"
    if subject is Subject.EXERCISE_CALLED_OFF:
        return Names(
            f"【演练取消】{party.zh}原定 {when} 的演练已取消：{where.zh}。所有信号均为真实。",
            f"EXERCISE CALLED OFF: the exercise of {party.en}, {when}, does not take place: {where.en}. Every signal is real.",
        )
    if subject is Subject.EXERCISE_OVER:
        return Names(
            f"【演练结束】{party.zh}的演练已提前结束：{where.zh}。此后所有信号均为真实。",
            f"EXERCISE OVER: the exercise of {party.en} has ended early: {where.en}. From now on every signal is real.",
        )
    what = _exercised(exercise)
    return Names(
        f"【演练预告】{party.zh}安排演练，{when}：{where.zh}。期间仅这些测点的下列报警属于演练：{what.zh}；其他信号均为真实。",
        f"EXERCISE ANNOUNCED by {party.en}, {when}: {where.en}. Of these points alone, only this belongs to it: {what.en}; "
        "any other signal is real.",
    )


def _exercised(exercise: Exercise) -> Names:
    names = drilled_names(exercise.hazards)
    shown, rest = names[:_DRILLED], len(names) - _DRILLED
    more = Names(f"等 {len(names)} 类", f" and {rest} more") if rest > 0 else Names("", "")
    return Names("、".join(one.zh for one in shown) + more.zh, ", ".join(one.en for one in shown) + more.en)


def _points(register: Register, equipment: Sequence[str]) -> Names:
    names = [_named_there(register, one) for one in equipment[:_NAMED]]
    rest = len(equipment) - len(names)
    more = Names(f"等 {len(equipment)} 个测点", f" and {rest} more") if rest else Names("", "")
    return Names("、".join(one.zh for one in names) + more.zh, "; ".join(one.en for one in names) + more.en)


def _named_there(register: Register, equipment_id: str) -> Names:
    what, place = register.names_of(equipment_id), register.building_of(register.whereabouts(equipment_id, None))
    if place == register.estate.place_id or place not in register.places:
        return what
    return from_large_to_small((register.places.get(place).names, what))
