"""Keys that end before their time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.estates.estates_of_member import tell_of
from cloud.application.ports import UnitOfWork
from cloud.domain.community.access import AccessKey, Purpose
from cloud.domain.records.ledger import Kind

EVERYTHING: Final = frozenset(Purpose)
SESSIONS: Final = frozenset({Purpose.SESSION})


def revoke(uow: UnitOfWork, key: AccessKey, now: datetime, *, actor: str) -> None:
    uow.keys.save(replace(key, revoked_at=now))
    facts = {"member": key.member_id, "purpose": key.purpose.value}
    tell_of(uow, key.member_id, Kind.ACCESS_REVOKED, now, actor=actor, cause=key.hash[:16], **facts)


def revoke_all(
    uow: UnitOfWork,
    member_id: str,
    now: datetime,
    *,
    actor: str,
    purposes: Collection[Purpose] = SESSIONS,
    keep: str = "",
) -> int:
    """All living keys of these kinds but the one whose id is `keep`; how many there were. One entry for each kind."""
    ended: Counter[Purpose] = Counter()
    for key in uow.keys.of_member(member_id):
        if key.purpose in purposes and key.id != keep and key.alive(now):
            uow.keys.save(replace(key, revoked_at=now))
            ended[key.purpose] += 1
    for purpose, count in ended.items():
        facts = {"member": member_id, "purpose": purpose.value, "count": count}
        tell_of(uow, member_id, Kind.ACCESS_REVOKED, now, actor=actor, cause="account", **facts)
    return ended.total()
