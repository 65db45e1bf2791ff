"""How a member enters: by a personal link or an API token, of which only a hash is kept. There are no passwords."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.estates.estates_of_member import estates_of, tell_of
from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.screen import SEEN_EVERY as SCREEN_SEEN_EVERY
from cloud.domain.accounts.screen import Screen
from cloud.domain.accounts.second_factor import ASKS_NOBODY, SecondFactorRule
from cloud.domain.community.access import (
    IDLE,
    SEEN_EVERY,
    AccessKey,
    Matter,
    Origin,
    Purpose,
    Through,
    token_hash,
)
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Kind
from cloud.errors import CloudError, NotFound, Unauthenticated

LINK_LASTS: Final = timedelta(days=30)
SESSION_LASTS: Final = timedelta(hours=12)
NO_SCOPES: Final[frozenset[str]] = frozenset()
NOWHERE: Final = Origin()

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session holds: in all, and while nobody uses it."""

    altogether: timedelta = SESSION_LASTS
    idle: timedelta = IDLE


@dataclass(frozen=True, slots=True)
class Issued:
    """A token, shown once and never again; `key` is what is kept of it."""

    token: str
    key: AccessKey


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, through what, and in which estates their party has to do. `scopes` empty: everything the member may.
    `matters`: only these, whatever else the member may; none: no such bound. `key_id` names the key they came with,
    `ends_at` says until when it holds; None: it has no end.
    `factor_by`: from when on a second factor is asked of them; `held`: it is, and until it is proven nothing else is open.
    `family`: they are let in by somebody's consent, and act for that home.
    """

    member: Member
    purpose: Purpose
    scopes: frozenset[str]
    estates: tuple[str, ...]
    matters: tuple[Matter, ...] = ()
    key_id: str = ""
    factor_by: datetime | None = None
    held: bool = False
    family: bool = False
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """For whom a link was made, and what it opens: shown to whoever holds it, before it opens anything."""

    member: Member
    matters: tuple[Matter, ...]


class SignIn:
    """Links open sessions, sessions open pages, API tokens open the interface; each opens nothing else."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
        lasting: Lasting = Lasting(),
        second_factor: SecondFactorRule = ASKS_NOBODY,
    ) -> None:
        self._units, self._clock, self.new_token, self.lasting = units, clock, new_token, lasting
        self.second_factor = second_factor

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

    def meant(self, link_token: str) -> Meant:
        """Whom a link signs in, without opening anything. Raises Unauthenticated."""
        with self._units.reading() as uow:
            key = self._open(uow, link_token, (Purpose.LINK,), self._clock.now())
            return Meant(_member(uow, key), key.matters)

    def enter(self, link_token: str, *, origin: Origin = NOWHERE, former: str | None = None) -> Issued:
        """Open a session with a link. Raises Unauthenticated when the link is unknown, expired or revoked.

        A message's link takes nothing from its reader: who is in already stays in, and a second message opens both tasks.
        """
        with self._units.writing() as uow:
            now = self._clock.now()
            uow.accounts.hold()
            key = self._open(uow, link_token, (Purpose.LINK,), now)
            matters, through = key.matters, Through.MESSAGE if key.matters else Through.LINK
            known = uow.keys.find(token_hash(former)) if former else None
            mine = known is not None and known.opens(Purpose.SESSION, now, self.lasting.idle)
            if former and known and mine and matters and known.member_id == key.member_id:
                if not known.matters:
                    return Issued(former, known)
                matters = tuple(dict.fromkeys((*matters, *known.matters)))
            session = self.begin(uow, key.member_id, through, origin, former=former, matters=matters, cause=key.id)
            uow.commit()
        return session

    def begin(
        self,
        uow: UnitOfWork,
        member_id: str,
        through: Through,
        origin: Origin,
        *,
        former: str | None = None,
        matters: tuple[Matter, ...] = (),
        cause: str | None = None,
        proven: bool = False,
    ) -> Issued:
        """A new session, in a unit of work that the caller commits. `former`: the session the browser came with, which ends:
        whoever planted it there gets nowhere with it. `proven`: by a second factor as well.
        """
        now = self._clock.now()
        planted = uow.keys.find(token_hash(former)) if former else None
        if planted is not None and planted.purpose is Purpose.SESSION and planted.revoked_at is None:
            uow.keys.save(replace(planted, revoked_at=now))
        made = self._make(member_id, Purpose.SESSION, self.lasting.altogether)
        # A message's link opens its tasks and nothing else; nobody looks for a phone first when a lift stands still.
        factor_by = None if proven or matters else self._factor_by(uow, member_id, now)
        key = replace(made.key, origin=origin, through=through, matters=matters, seen_at=now, factor_by=factor_by)
        uow.keys.put(key)
        facts = {"through": through.value}
        tell_of(uow, member_id, Kind.SIGNED_IN, now, actor=f"member:{member_id}", cause=(cause or key.id)[:16], **facts)
        return Issued(made.token, key)

    def identify(self, token: str, *purposes: Purpose) -> Identity:
        """Whose session or API token this is. Raises Unauthenticated."""
        now = self._clock.now()
        with self._units.reading() as uow:
            try:
                key = self._open(uow, token, purposes or (Purpose.SESSION, Purpose.API), now)
            except Unauthenticated:
                screen = _on_a_wall(uow, token) if Purpose.SCREEN in purposes else None
                if screen is None:
                    raise
                return self._looking(screen, now)
            member = _member(uow, key)
            identity = Identity(
                member, key.purpose, key.scopes, estates_of(uow, member), key.matters, key.id, ends_at=key.expires_at
            )
        if self.second_factor.asks(member.role):
            identity = replace(identity, factor_by=key.factor_by, held=key.held)
        if key.seen_at is None or now - key.seen_at >= SEEN_EVERY:
            self._seen(key, now)
        return identity

    def _factor_by(self, uow: UnitOfWork, member_id: str, now: datetime) -> datetime | None:
        """At once of who has a second factor; of who has none, when their time without one is over."""
        member = uow.registers.member(member_id)
        if member is None or not self.second_factor.asks(member.role):
            return None
        account = uow.accounts.of_member(member_id)
        if account is not None and account.second_factor:
            return now
        return uow.accounts.second_factor_asked(member_id, now) + self.second_factor.grace

    def _looking(self, screen: Screen, now: datetime) -> Identity:
        """It looks in one estate, as long as nobody takes it back."""
        if screen.seen_at is None or now - screen.seen_at >= SCREEN_SEEN_EVERY:
            self._note(screen.label, lambda uow: uow.screens.seen(screen.id, now))
        return Identity(screen.member, Purpose.SCREEN, NO_SCOPES, (screen.estate,), key_id=screen.id)

    def _seen(self, key: AccessKey, now: datetime) -> None:
        self._note(key.member_id, lambda uow: uow.keys.seen(key.hash, now))

    def _note(self, whose: str, used: Callable[[UnitOfWork], None]) -> None:
        """What cannot be written down is logged, and they are let in all the same: a full disk must lock nobody out."""
        try:
            with beside_the_request(), self._units.writing() as uow:
                used(uow)
                uow.commit()
        except CloudError as error:
            _log.error("that a key of %s was used could not be written down: %s", whose, error)

    def leave(self, token: str) -> None:
        """End a session or revoke a token. Unknown ones are gone already."""
        with self._units.writing() as uow:
            key = uow.keys.find(token_hash(token))
            if key is not None and key.revoked_at is None:
                now = self._clock.now()
                uow.keys.save(replace(key, revoked_at=now))
                by = f"member:{key.member_id}"
                tell_of(
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
            issued = self.grant(uow, member_id, purpose, lasts, scopes=scopes, label=label, actor=actor)
            uow.commit()
        return issued

    def grant(
        self,
        uow: UnitOfWork,
        member_id: str,
        purpose: Purpose,
        lasts: timedelta | None,
        *,
        scopes: frozenset[str] = NO_SCOPES,
        label: str = "",
        actor: str,
    ) -> Issued:
        """A link or a token, in a unit of work that the caller commits."""
        made = self._make(member_id, purpose, lasts)
        issued = replace(made, key=replace(made.key, scopes=scopes, label=label))
        uow.keys.put(issued.key)
        facts = {"purpose": purpose.value, "scopes": sorted(scopes)}
        tell_of(
            uow, member_id, Kind.ACCESS_GRANTED, made.key.created_at, actor=actor, cause=made.key.hash[:16], **facts
        )
        return issued

    def _make(self, member_id: str, purpose: Purpose, lasts: timedelta | None) -> Issued:
        token, now = self.new_token(), self._clock.now()
        return Issued(token, AccessKey(token_hash(token), member_id, purpose, now, now + lasts if lasts else None))

    def _open(self, uow: UnitOfWork, token: str, purposes: Collection[Purpose], now: datetime) -> AccessKey:
        key = uow.keys.find(token_hash(token))
        if key is None or not any(key.opens(purpose, now, self.lasting.idle) for purpose in purposes):
            raise Unauthenticated(
                "This link or token is unknown, expired or revoked: ask your manager for a new one.",
                "链接或令牌无效、已过期或已撤销，请向管理员索取新的",
            )
        return key


def _member(uow: UnitOfWork, key: AccessKey) -> Member:
    member = uow.registers.member(key.member_id)
    if member is None:
        raise Unauthenticated(
            "The member this belonged to is gone: ask for a new link.", "成员已不存在，请重新获取链接"
        )
    return member


def _on_a_wall(uow: UnitOfWork, token: str) -> Screen | None:
    """The screen whose browser holds the token, while there is the party whose duty room it shows."""
    screen = uow.screens.find(token_hash(token))
    register = uow.registers.find(screen.estate) if screen is not None and screen.opened_at is not None else None
    return screen if screen is not None and register is not None and screen.party_id in register.parties else None
