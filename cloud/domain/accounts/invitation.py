"""Somebody is asked in: as which member of which party, by whom, until when; and who may ask whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.neighbour import NEIGHBOURLY
from cloud.domain.community.party import OVERSEES, Member, Party, PartyKind, Role
from cloud.domain.community.place import is_within

LASTS: Final = timedelta(days=7)

RANKS: Final[Mapping[Role, int]] = {role: rank for rank, role in enumerate(Role)}
INVITES: Final = frozenset({Role.MANAGER, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Invitation:
    """`member` is as they will be; `new`: they are not in the register yet. `email`: whom the organisation's provider may
    say they are. The link's secret is kept as a hash.
    """

    id: str
    secret_hash: str
    estate: str
    member: Member
    new: bool
    by: str
    created_at: datetime
    expires_at: datetime
    email: str | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        return self.used_at is None and self.revoked_at is None and now < self.expires_at


def lives_around(inviter: Member, invited: Member, parties: Mapping[str, Party]) -> bool:
    """Whether who is asked in is a resident of homes alone, each where a party of the inviter answers for the area."""
    mine = (parties[one.party_id] for one in inviter.memberships if one.party_id in parties)
    areas = [area for party in mine if party.kind in OVERSEES for area in party.serves]
    homes = [parties.get(one.party_id) for one in invited.memberships]
    return all(one.role is Role.RESIDENT for one in invited.memberships) and all(
        home is not None
        and home.kind is PartyKind.HOUSEHOLD
        and bool(home.serves)
        and all(any(is_within(place, area) for area in areas) for place in home.serves)
        for home in homes
    )


def at_home_problem(invited: Member, party: Party) -> Names | None:
    """A resident belongs to a home: in a firm they would bear its name and see all that it serves."""
    if invited.role is not Role.RESIDENT or party.kind in NEIGHBOURLY:
        return None
    return Names(
        "住户应登记在其住处（楼栋、单元或楼层），而不是某个单位",
        "A resident is asked in where they live, not as one of an organisation: say in which building, unit or floor",
    )


def invitation_problem(
    inviter: Member,
    invited: Member,
    party_estates: Collection[str],
    own_estates: Collection[str],
    *,
    around: bool = False,
) -> Names | None:
    """Why they may not ask this person in; None when they may.

    Whoever is let in as a member can do what that member can, in every party of theirs and every estate these serve: so
    none of it may be more than the inviter has. `around`: they live where the inviter's party answers for the area
    (`lives_around`).
    """
    if inviter.role not in INVITES:
        return Names(
            "只有负责人和系统管理员可以邀请成员", "Managers and administrators invite people. Ask one of them."
        )
    if inviter.id == invited.id:
        return Names("不能邀请自己", "You are in already: change your password under your account.")
    if any(RANKS[one.role] > RANKS[inviter.role] for one in invited.memberships):
        return Names("不能授予高于自己的角色", "Nobody gives a role that is higher than their own. Ask who has it.")
    parties = {one.party_id for one in invited.memberships}
    if inviter.role is Role.MANAGER and not around and not parties <= {one.party_id for one in inviter.memberships}:
        return Names("负责人只能邀请本单位成员", "Managers invite people of their own party. Ask an administrator.")
    if not party_estates or not set(party_estates) <= set(own_estates):
        return Names("该单位服务于您无权管理的小区", "That party serves estates you have nothing to do with.")
    return None
