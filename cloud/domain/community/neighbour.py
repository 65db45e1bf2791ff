"""Who acts as a neighbour, for themselves, and not for an organisation whose work it is."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.party import Member, Party, PartyKind, Role

NEIGHBOURLY: Final = frozenset({PartyKind.HOUSEHOLD, PartyKind.VOLUNTEER_TEAM})


def is_neighbour(member: Member, party: Party) -> bool:
    """Residents and volunteers. They may claim small tasks and earn points; an organisation's people do neither."""
    return party.kind in NEIGHBOURLY or member.role is Role.RESIDENT
