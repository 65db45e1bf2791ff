"""Who may keep what: the estate a viewer sees, the party for which they may speak."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitOfWork
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Act:
    """What a member does, for the ledger. Without a request's id, what it is done to stands for its cause."""

    kind: Kind
    member_id: str
    cause: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def draft(self, now: datetime, subject: str, facts: Mapping[str, Any]) -> Draft:
        cause = self.cause or subject
        return Draft(self.kind, now, f"member:{self.member_id}", None, subject, cause, {**facts, **self.data})


KEEPS: Final = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
"""Roles that say who is on duty: of the party itself, or of the one that runs the estate."""


def register_for(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    """The register, if this viewer has to do with the estate; to anyone else it does not exist. Raises NotFound."""
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def may_keep(register: Register, member: Member, party_id: str) -> bool:
    roles = {member.role_in(party_id), member.role_in(register.fallback.id)}
    return bool(roles & KEEPS) or member.role is Role.ADMINISTRATOR


def check_keeper(register: Register, member: Member, party_id: str) -> None:
    """Raises NotFound for a party that is not here, NotAllowed for a member who may not speak for it."""
    if party_id not in register.parties:
        raise NotFound(f"There is no party {party_id!r} in this estate.", "本小区没有这个单位")
    if not may_keep(register, member, party_id):
        raise NotAllowed(
            "A roster is kept by a manager of its party or of the party that runs the estate. Ask one of them.",
            "值班表由本单位或小区管理单位的负责人维护",
        )
