"""Whom a narrowed target of a ladder means at a place, and what people call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, Role
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Narrowed, Only

ROLES: Final[Mapping[str, Names]] = {
    Role.RESIDENT: Names("居民", "residents"),
    Role.RESPONDER: Names("处置人员", "responders"),
    Role.MANAGER: Names("负责人", "managers"),
    Role.OVERSEER: Names("监督人员", "overseers"),
    Role.OPERATOR: Names("运维人员", "operators"),
    Role.ADMINISTRATOR: Names("系统管理员", "administrators"),
}


def meant_by(register: Register, target: Narrowed, place_id: str) -> Sequence[Party]:
    """The parties some of whose people are meant at that place, the closest first; none where the roster is gone or the
    member has left, or neither has to do with the place.
    """
    if target.party is not None:
        return [party for party in register.meant(target.party, place_id) if not party.external]
    if target.only.by == "roster":
        ids = [roster.party_id for roster in register.rosters if roster.id == target.only.value]
    else:
        member = register.members.get(target.only.value)
        ids = [one.party_id for one in member.memberships] if member else []
    found = (register.parties.get(id_) for id_ in ids)
    return [party for party in found if party is not None and not party.external and party.closeness(place_id) >= 0]


def only_names(register: Register, only: Only) -> Names:
    """Those people, as people say it."""
    if only.by == "role":
        return ROLES.get(only.value, Names(only.value, only.value))
    if only.by == "roster":
        roster = next((one for one in register.rosters if one.id == only.value), None)
        names = roster.names if roster else Names(only.value, only.value)
        return Names(f"“{names.zh}”当班人员", f"on duty by {names.en}")
    member = register.members.get(only.value)
    return member.names if member else Names(only.value, only.value)


def target_names(register: Register, target: Narrowed, place_id: str) -> Names:
    """The same with the party, where there is one."""
    who = only_names(register, target.only)
    party = next(iter(meant_by(register, target, place_id)), None)
    named = party.names if party else None
    return Names(f"{named.zh}：{who.zh}", f"{named.en}: {who.en}") if named else who
