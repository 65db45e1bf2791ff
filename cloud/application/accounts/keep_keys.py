"""Sessions, API tokens and personal links of one's own: which there are, where, since when; ended one by one or together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud.application.estates.revoking import revoke, revoke_all
from cloud.application.estates.sign_in import Identity, Issued, SignIn
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.accounts.scopes import LASTS, LASTS_AT_MOST, Scope
from cloud.domain.community.access import AccessKey, Purpose, Through
from cloud.errors import Conflict, Invalid, NotFound

MOST_TOKENS = 20


@dataclass(frozen=True, slots=True)
class KeyView:
    """`id` names it and opens nothing. `here`: the very one that asks. `used_at`: to within five minutes. `bound`: how many
    tasks it opens, and nothing else; 0: whatever its member may.
    """

    id: str
    label: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    address: str
    device: str
    through: Through | None
    scopes: Sequence[str]
    bound: int
    here: bool


@dataclass(frozen=True, slots=True)
class Minted:
    """The token is shown this once."""

    token: str
    key: KeyView


class KeepKeys:
    def __init__(self, units: UnitsOfWork, clock: Clock, sign_in: SignIn) -> None:
        self._units, self._clock, self._sign_in = units, clock, sign_in

    def mine(self, me: Identity, purpose: Purpose) -> list[KeyView]:
        """Those that still open something, the newest first."""
        with self._units.reading() as uow:
            known = uow.keys.of_member(me.member.id)
        now, idle = self._clock.now(), self._sign_in.lasting.idle
        alive = [key for key in known if key.opens(purpose, now, idle)]
        return [_view(key, me) for key in sorted(alive, key=lambda key: key.created_at, reverse=True)]

    def end(self, me: Identity, key_id: str, purpose: Purpose) -> None:
        """Raises NotFound where I have no such key."""
        self._end(me.member.id, key_id, purpose, actor=f"member:{me.member.id}")

    def tokens_of(self, member_id: str) -> list[KeyView]:
        """For the operator at the command line. Raises NotFound."""
        with self._units.reading() as uow:
            if uow.registers.member(member_id) is None:
                raise NotFound(f"There is no member {member_id!r}: load the estate that names them first.")
            known = uow.keys.of_member(member_id)
        return [_view(key) for key in known if key.opens(Purpose.API, self._clock.now())]

    def revoke_token(self, member_id: str, key_id: str, *, actor: str) -> None:
        """Raises NotFound where the member has no such token."""
        self._end(member_id, key_id, Purpose.API, actor=actor)

    def _end(self, member_id: str, key_id: str, purpose: Purpose, *, actor: str) -> None:
        with self._units.writing() as uow:
            theirs = (key for key in uow.keys.of_member(member_id) if key.id == key_id and key.purpose is purpose)
            key = next((key for key in theirs if key.revoked_at is None), None)
            if key is None:
                raise NotFound("There is no such session or token.", "没有这个会话或令牌")
            revoke(uow, key, self._clock.now(), actor=actor)
            uow.commit()

    def end_others(self, me: Identity) -> int:
        """All my sessions but this one, and the personal links that would begin new ones; how many."""
        now = self._clock.now()
        with self._units.writing() as uow:
            both = (Purpose.SESSION, Purpose.LINK)
            ended = revoke_all(uow, me.member.id, now, actor=f"member:{me.member.id}", purposes=both, keep=me.key_id)
            uow.commit()
        return ended

    def mint(self, me: Identity, label: str, scopes: Collection[str], lasts: timedelta = LASTS) -> Minted:
        """A token for a program that acts as me. Raises Invalid, Conflict."""
        chosen = frozenset(scopes)
        faults = []
        if not chosen or not chosen <= frozenset(Scope):
            faults.append(f"scopes: choose among {', '.join(Scope)}")
        if me.scopes and not chosen <= me.scopes:
            faults.append(f"scopes: this token has {', '.join(sorted(me.scopes))} and can give no more")
        if not timedelta() < lasts <= LASTS_AT_MOST:
            faults.append(f"days: 1 to {LASTS_AT_MOST.days}; a token that never ends is one nobody remembers")
        if not label.strip():
            faults.append("label: say which program it is for")
        if faults:
            raise Invalid("The token cannot be made.", faults)
        if len(self.mine(me, Purpose.API)) >= MOST_TOKENS:
            raise Conflict(
                f"You have {MOST_TOKENS} tokens. Revoke one that is not used.",
                f"最多{MOST_TOKENS}个令牌，请先撤销不用的",
            )
        issued: Issued = self._sign_in.issue_api_token(
            me.member.id, label=label.strip(), scopes=chosen, lasts=lasts, actor=f"member:{me.member.id}"
        )
        return Minted(issued.token, _view(issued.key, me))


def _view(key: AccessKey, me: Identity | None = None) -> KeyView:
    return KeyView(
        key.id,
        key.label,
        key.created_at,
        key.seen_at,
        key.expires_at,
        key.origin.address,
        key.origin.device,
        key.through,
        sorted(key.scopes),
        len(key.matters),
        me is not None and key.id == me.key_id,
    )
