"""What is wrong with the narrowed targets of a matrix's ladders: a roster or member that there is not, or who is never called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cloud.domain.community.faults import Fault, fault, under
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role, keeps_out
from cloud.domain.community.roster import Roster
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.meant import only_names
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Narrowed
from schemas.hazards import HAZARDS

_NO_ROSTER: Final = Names("已没有此值班表", "there is no such roster any more")
_NO_MEMBER: Final = Names("已没有此成员", "there is no such member any more")


def target_problems(
    duties: Iterable[Duty], parties: Iterable[Party], members: Iterable[Member], rosters: Iterable[Roster]
) -> Iterator[str]:
    """Row by row, each with its remedy. A role that nobody has today is no fault: that is a hole in coverage."""
    known = _Known(parties, members, rosters)
    for duty in duties:
        for target in _narrowed(duty):
            problem = known.problem(target) or known.enters(duty, target)
            if problem is not None:
                yield under(problem, f"duty {duty.id!r}: ", f"职责 {duty.id!r}：")


class _Known:
    """Whom an estate knows, by id."""

    def __init__(self, parties: Iterable[Party], members: Iterable[Member], rosters: Iterable[Roster]) -> None:
        self._parties = {one.id: one for one in parties}
        self._members = {one.id: one for one in members}
        self._rosters = {one.id: one for one in rosters}

    def problem(self, target: Narrowed) -> Fault | None:
        name, found = target.only.value, self._called(target)
        if target.only.by == "roster" and name not in self._rosters:
            there = ", ".join(sorted(self._rosters))
            return fault("roster-unknown", target=target, there=there or "none yet", there_zh=there or "尚无")
        if target.only.by == "member" and name not in self._members:
            return fault("member-unknown", target=target)
        if target.only.by == "member" and not found:
            return fault("household-only", target=target)
        if target.party is not None and found and all(one.external for one in found):
            return fault("external-target", target=target)
        return None

    def enters(self, duty: Duty, target: Narrowed) -> Fault | None:
        """Whom a row on fires must not ask to come. In a row on everything they are passed over where it burns."""
        fires = [one for one in HAZARDS if one.startswith("fire.") and duty.names(one)]
        parties = self._called(target)
        if target.party is not None or "*" in duty.hazards or not parties:
            return None  # a party by kind or id is looked at as one
        if all(keeps_out(party.kind, fire) for party in parties for fire in fires) and fires:
            return fault("target-never-enters", target=target)
        return None

    def _called(self, target: Narrowed) -> list[Party]:
        """The parties for which it would be called."""
        if target.party is not None:
            return [party for party in self._parties.values() if target.party.matches(party)]
        if target.only.by == "roster":
            ids = [self._rosters[target.only.value].party_id] if target.only.value in self._rosters else []
            return [self._parties[id_] for id_ in ids if id_ in self._parties]
        member = self._members.get(target.only.value)
        found = [(self._parties.get(one.party_id), one.role) for one in (member.memberships if member else ())]
        home = PartyKind.HOUSEHOLD
        return [party for party, role in found if party and (role is not Role.RESIDENT or party.kind is home)]


def target_warnings(register: Register) -> Iterator[str]:
    """Narrowed targets that are nobody anywhere as the register stands, whatever the hour: they are passed over."""
    for duty in register.matrix.duties:
        for target in _narrowed(duty):
            why = _nobody(register, target)
            if why is not None:
                yield fault("target-nobody", ("duty", duty.id), target=target, why=why.en, why_zh=why.zh)


def _nobody(register: Register, target: Narrowed) -> Names | None:
    """Why it is nobody; None where it is somebody, or of a kind of which there is no party, which is said of no reference."""
    only = target.only
    if only.by == "roster":
        return None if any(one.id == only.value for one in register.rosters) else _NO_ROSTER
    if target.party is None:
        member = register.members.get(only.value)
        ids = [one.party_id for one in (member.memberships if member else ()) if one.party_id in register.parties]
        acts = any(one.id == only.value for id_ in ids for one in callable_members(register, id_))
        return None if acts else _NO_MEMBER
    parties = [one for one in register.parties.values() if target.party.matches(one)]
    those = [one for party in parties for one in callable_members(register, party.id)]
    has = not parties or any(one.role == only.value for one in those)
    who = only_names(register, only)
    return None if has else Names(f"没有{who.zh}", f"it has no {who.en}")


def _narrowed(duty: Duty) -> Iterator[Narrowed]:
    yield from (target for step in duty.ladder.steps for target in step.targets if isinstance(target, Narrowed))
