"""Who of a party is called: until it keeps a roster, everybody who acts for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.domain.community.party import Member, PartyKind, Role
from cloud.domain.duties.register import Register


class EveryResponder:
    """Implements `messages.Recipients`. Residents are no responders, except in a household of their own."""

    def of(self, register: Register, party_id: str, now: datetime) -> Sequence[Member]:
        del now
        household = register.party(party_id).kind is PartyKind.HOUSEHOLD
        return [m for m in register.members_of(party_id) if household or m.role is not Role.RESIDENT]
