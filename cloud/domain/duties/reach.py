"""Who of a party is called first: its roster says, and where that is silent everybody of the party is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from cloud.domain.community.on_duty import on_duty_of
from cloud.domain.community.party import Member, PartyKind, Role
from cloud.domain.duties.register import Register


class Ground(StrEnum):
    """Why these members are called first."""

    ROSTER = "roster"
    NO_ROSTER = "no_roster"
    EMPTY_ROSTER = "empty_roster"
    NO_MEMBERS = "no_members"


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


def reach(register: Register, party_id: str, moment: datetime) -> Reach:
    """Whom a call to the party reaches at that moment. Nobody is lost: an empty roster means everybody of the party."""
    members = callable_members(register, party_id)
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
