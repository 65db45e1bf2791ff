"""Who looks after the points of an estate: sees what they come to, and takes back what should not have been paid."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.party import STREETS, Member, PartyKind, Role
from cloud.domain.duties.register import Register

_ROLES: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})
_KINDS: Final = frozenset(
    {PartyKind.RESIDENTS_COMMITTEE, PartyKind.OWNERS_COMMITTEE, PartyKind.PARTY_ORGANISATION, *STREETS}
)


def keeps_points(register: Register, member: Member) -> bool:
    """Managers and overseers of who runs the estate, of its committees and of the street or township. What they are in a firm
    that works here makes nobody a judge over neighbours' points.
    """
    return any(
        one.role in _ROLES and (one.party_id == register.fallback.id or register.party(one.party_id).kind in _KINDS)
        for one in member.memberships
        if one.party_id in register.parties
    )
