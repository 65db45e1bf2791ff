"""An estate's own terms for consulting its people: when something is a pattern, how votes count, when effects are looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cloud.domain.community.party import STREETS, Member, PartyKind, Role
from cloud.domain.consultation.majorities import CIVIL_CODE_278, Rule
from cloud.domain.consultation.patterns import Thresholds
from cloud.domain.duties.register import Register

CONVENES: Final = frozenset(
    {
        PartyKind.OWNERS_COMMITTEE,
        PartyKind.RESIDENTS_COMMITTEE,
        PartyKind.PARTY_ORGANISATION,
        *STREETS,
    }
)
"""Who calls a consultation together and counts: never the property manager, whom most topics are about."""

APPLIES: Final = frozenset({PartyKind.OWNERS_COMMITTEE})
"""Who applies for the fund in an emergency [Civil Code art. 281]: the assembly acts here through its committee."""


@dataclass(frozen=True)
class Terms:
    """`petition_signatures` includes who starts it. `currency`: what costs are given in where nothing else is said."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    petition_signatures: int = 10
    rule: Rule = CIVIL_CODE_278
    currency: str = "CNY"
    review_after_days: int = 90


def acting_for(register: Register, member: Member, kinds: Iterable[PartyKind]) -> str | None:
    """The party of one of these kinds for which the member acts here; residents act for none."""
    for one in member.memberships:
        party = register.parties.get(one.party_id)
        if party is not None and party.kind in kinds and one.role is not Role.RESIDENT and register.seen_by(party):
            return party.id
    return None
