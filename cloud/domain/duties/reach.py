"""Who of a party is called first: its roster says, and where that is silent everybody of the party is; or whom of it a step
of a ladder names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.on_duty import on_duty_of
from cloud.domain.community.party import Member, PartyKind, Role
from cloud.domain.community.roster import Roster
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Only


class Ground(StrEnum):
    """Why these members are called first."""

    ROSTER = "roster"
    NO_ROSTER = "no_roster"
    EMPTY_ROSTER = "empty_roster"
    NO_MEMBERS = "no_members"
    BY_ROLE = "by_role"
    BY_ROSTER = "by_roster"
    BY_NAME = "by_name"
    BY_STEP = "by_step"


_NAMED: Final = {"role": Ground.BY_ROLE, "roster": Ground.BY_ROSTER, "member": Ground.BY_NAME}


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a party's call goes to: `first` at once, `then` when they do not answer. `ground` says why."""

    party_id: str
    first: tuple[Member, ...]
    then: tuple[Member, ...]
    ground: Ground

    @property
    def hole(self) -> bool:
        """Whether this counts as a hole in coverage: a roster without anybody on it, or a party without members."""
        return self.ground in (Ground.EMPTY_ROSTER, Ground.NO_MEMBERS)


def reach(register: Register, party_id: str, moment: datetime, only: Sequence[Only] = ()) -> Reach:
    """Whom a call to the party reaches at that moment. Nobody is lost: an empty roster means everybody of the party - but
    where a step calls `only` some of it, for those the next step stands in.
    """
    members = callable_members(register, party_id)
    if only and members:
        return _narrowed(register, party_id, moment, only)
    if not members:
        return Reach(party_id, (), (), Ground.NO_MEMBERS)
    rosters = register.rosters_of(party_id)
    if not rosters:
        return Reach(party_id, members, (), Ground.NO_ROSTER)
    estate = register.estate
    by_id = {member.id: member for member in members}
    named = on_duty_of(rosters, moment, ZoneInfo(estate.time_zone), estate.days)
    first = tuple(by_id[name] for name in named if name in by_id)
    if not first:
        return Reach(party_id, members, (), Ground.EMPTY_ROSTER)
    return Reach(party_id, first, tuple(member for member in members if member not in first), Ground.ROSTER)


def callable_members(register: Register, party_id: str) -> tuple[Member, ...]:
    """Members who act for the party. Residents are called for their own household only."""
    household = register.party(party_id).kind is PartyKind.HOUSEHOLD
    return tuple(m for m in register.members_of(party_id) if household or m.role is not Role.RESIDENT)


def _narrowed(register: Register, party_id: str, moment: datetime, only: Sequence[Only]) -> Reach:
    """Each of them once, whoever names them; those on duty before the others."""
    each = [(one, *_named(register, party_id, moment, one)) for one in only]
    first = tuple(dict.fromkeys(member for _, named, _ in each for member in named))
    then = tuple(dict.fromkeys(member for *_, rest in each for member in rest if member not in first))
    grounds = {_NAMED[one.by] for one, named, _ in each if named}
    ground = grounds.pop() if len(grounds) == 1 else Ground.BY_STEP
    if not first:
        empty = any(one.by == "roster" and _roster(register, party_id, one.value) for one in only)
        ground = Ground.EMPTY_ROSTER if empty else Ground.NO_MEMBERS
    return Reach(party_id, first, then, ground)


def _named(
    register: Register, party_id: str, moment: datetime, only: Only
) -> tuple[tuple[Member, ...], tuple[Member, ...]]:
    """Those meant, and who of them only afterwards. Of a role those on duty come first; where none of them is, all do."""
    members = callable_members(register, party_id)
    if only.by == "member":
        return tuple(one for one in members if one.id == only.value), ()
    if only.by == "roster":
        estate, rosters = register.estate, _roster(register, party_id, only.value)
        named = on_duty_of(rosters, moment, ZoneInfo(estate.time_zone), estate.days)
        return tuple(one for one in members if one.id in named), ()
    whole = reach(register, party_id, moment)
    first, then = (tuple(one for one in some if one.role == only.value) for some in (whole.first, whole.then))
    return (first, then) if first else (then, ())


def _roster(register: Register, party_id: str, name: str) -> list[Roster]:
    return [one for one in register.rosters_of(party_id) if one.id == name]
