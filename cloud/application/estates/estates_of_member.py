"""With which estates a member has to do: what they see, and in whose ledgers it stands what happened to their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloud.application.ports import UnitOfWork
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Draft, Kind


def tell_of(
    uow: UnitOfWork, member_id: str, kind: Kind, now: datetime, *, actor: str, cause: str, **facts: Any
) -> None:
    """In the ledger of every estate the member has to do with. `cause`: the beginning of the key's hash."""
    member = uow.registers.member(member_id)
    for estate in estates_of(uow, member) if member else ():
        uow.ledger.append(estate, [Draft(kind, now, actor, None, member_id, cause, {"member": member_id, **facts})])


def estates_of(uow: UnitOfWork, member: Member) -> tuple[str, ...]:
    """The estates with which a party of the member has to do: the one function that decides who sees which estate."""
    found = []
    for register in uow.registers.every():
        parties = [party for one in member.memberships if (party := register.parties.get(one.party_id))]
        if any(register.seen_by(party) for party in parties):
            found.append(register.estate.id)
    return tuple(found)
