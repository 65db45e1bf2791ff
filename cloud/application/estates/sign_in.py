"""How a member enters: by a personal link or an API token, of which only a hash is kept. There are no passwords."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.access import AccessKey, Purpose, token_hash
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotFound, Unauthenticated

LINK_LASTS: Final = timedelta(days=30)
SESSION_LASTS: Final = timedelta(hours=12)
NO_SCOPES: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, shown once and never again; `key` is what is kept of it."""

    token: str
    key: AccessKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, through what, and in which estates their party has to do. `scopes` empty: everything the member may."""

    member: Member
    purpose: Purpose
    scopes: frozenset[str]
    estates: tuple[str, ...]


class SignIn:
    """Links open sessions, sessions open pages, API tokens open the interface; each opens nothing else."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32)
    ) -> None:
        self._units, self._clock, self._new_token = units, clock, new_token

    def issue_link(self, member_id: str, *, lasts: timedelta = LINK_LASTS, actor: str = "system") -> Issued:
        """A personal link's token. Raises NotFound."""
        return self._issue(member_id, Purpose.LINK, lasts, actor=actor)

    def issue_api_token(
        self,
        member_id: str,
        *,
        label: str = "",
        scopes: Collection[str] = (),
        lasts: timedelta | None = None,
        actor: str = "system",
    ) -> Issued:
        """A token for programs that act as this member. Raises NotFound."""
        return self._issue(member_id, Purpose.API, lasts, frozenset(scopes), label, actor=actor)

    def enter(self, link_token: str) -> Issued:
        """Open a session with a link. Raises Unauthenticated when the link is unknown, expired or revoked."""
        with self._units.writing() as uow:
            key = self._open(uow, link_token, (Purpose.LINK,), self._clock.now())
            session = self._make(key.member_id, Purpose.SESSION, SESSION_LASTS)
            uow.keys.put(session.key)
            by = f"member:{key.member_id}"
            _tell(uow, key.member_id, Kind.SIGNED_IN, self._clock.now(), actor=by, cause=key.hash[:16])
            uow.commit()
        return session

    def identify(self, token: str, *purposes: Purpose) -> Identity:
        """Whose session or API token this is. Raises Unauthenticated."""
        with self._units.reading() as uow:
            key = self._open(uow, token, purposes or (Purpose.SESSION, Purpose.API), self._clock.now())
            member = uow.registers.member(key.member_id)
            if member is None:
                raise Unauthenticated(
                    "The member this belonged to is gone: ask for a new link.", "成员已不存在，请重新获取链接"
                )
            return Identity(member, key.purpose, key.scopes, estates_of(uow, member))

    def leave(self, token: str) -> None:
        """End a session or revoke a token. Unknown ones are gone already."""
        with self._units.writing() as uow:
            key = uow.keys.find(token_hash(token))
            if key is not None and key.revoked_at is None:
                now = self._clock.now()
                uow.keys.save(replace(key, revoked_at=now))
                by = f"member:{key.member_id}"
                _tell(
                    uow, key.member_id, Kind.SIGNED_OUT, now, actor=by, cause=key.hash[:16], purpose=key.purpose.value
                )
                uow.commit()

    def _issue(
        self,
        member_id: str,
        purpose: Purpose,
        lasts: timedelta | None,
        scopes: frozenset[str] = NO_SCOPES,
        label: str = "",
        *,
        actor: str,
    ) -> Issued:
        with self._units.writing() as uow:
            if uow.registers.member(member_id) is None:
                raise NotFound(f"There is no member {member_id!r}: load the estate that names them first.")
            made = self._make(member_id, purpose, lasts)
            issued = replace(made, key=replace(made.key, scopes=scopes, label=label))
            uow.keys.put(issued.key)
            facts = {"purpose": purpose.value, "scopes": sorted(scopes)}
            _tell(
                uow, member_id, Kind.ACCESS_GRANTED, made.key.created_at, actor=actor, cause=made.key.hash[:16], **facts
            )
            uow.commit()
        return issued

    def _make(self, member_id: str, purpose: Purpose, lasts: timedelta | None) -> Issued:
        token, now = self._new_token(), self._clock.now()
        return Issued(token, AccessKey(token_hash(token), member_id, purpose, now, now + lasts if lasts else None))

    @staticmethod
    def _open(uow: UnitOfWork, token: str, purposes: Collection[Purpose], now: datetime) -> AccessKey:
        key = uow.keys.find(token_hash(token))
        if key is None or not any(key.opens(purpose, now) for purpose in purposes):
            raise Unauthenticated(
                "This link or token is unknown, expired or revoked: ask your manager for a new one.",
                "链接或令牌无效、已过期或已撤销，请向管理员索取新的",
            )
        return key


def _tell(uow: UnitOfWork, member_id: str, kind: Kind, now: datetime, *, actor: str, cause: str, **facts: Any) -> None:
    """In the ledger of every estate the member has to do with. `cause`: the beginning of the key's hash."""
    member = uow.registers.member(member_id)
    for estate in estates_of(uow, member) if member else ():
        uow.ledger.append(estate, [Draft(kind, now, actor, None, member_id, cause, {"member": member_id, **facts})])


def estates_of(uow: UnitOfWork, member: Member) -> tuple[str, ...]:
    """The estates with which a party of the member has to do: the one function that decides who sees which estate."""
    found = []
    for estate in uow.registers.estates():
        register = uow.registers.find(estate.id)
        if register is None:
            continue
        parties = [party for one in member.memberships if (party := register.parties.get(one.party_id))]
        if any(register.seen_by(party) for party in parties):
            found.append(estate.id)
    return tuple(found)
