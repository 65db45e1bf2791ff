"""How a member is reached: contact channels, and what it takes to rely on one. Personal data, erasable as a whole."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.errors import Conflict, Invalid

CODE_LASTS: Final = timedelta(minutes=15)
CODE_TRIES: Final = 5
CODE_DIGITS: Final = 6
CODE_AGAIN: Final = timedelta(minutes=1)
"""A code is sent again no sooner than this, so that nobody is flooded through us."""

_PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{4,24}\Z")
_MAIL: Final = re.compile(r"[^@\s,;<>]{1,64}@[A-Za-z0-9.-]{1,190}\Z")
_OTHER: Final = re.compile(r"[!-~]{1,500}\Z")


class ChannelKind(StrEnum):
    """Through what a member is reached."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    NTFY = "ntfy"
    TELEGRAM = "telegram"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Contact:
    """One channel of a member. Until `verified_at` it is tried, and never relied upon where life is at stake.

    `laid`: the estate's file named it. The code sent for verification is kept as a hash, with when it was sent and how
    often it was guessed at.
    """

    id: str
    member_id: str
    kind: ChannelKind
    address: str
    added_at: datetime
    laid: bool = False
    verified_at: datetime | None = None
    code_hash: str | None = None
    code_sent_at: datetime | None = None
    code_tries: int = 0

    @property
    def relied_upon(self) -> bool:
        """Whether reaching it counts as reaching the member where life is at stake."""
        return self.verified_at is not None

    @property
    def masked(self) -> str:
        """Enough to recognise it, too little to use it."""
        name, at, domain = self.address.partition("@")
        if at:
            return f"{name[:1]}***@{domain}"
        return f"{self.address[:3]}***{self.address[-2:]}" if len(self.address) > 7 else "***"  # noqa: PLR2004

    def with_code(self, code: str, now: datetime) -> Contact:
        """A fresh code is on its way. Raises Conflict when one was sent just now or none is needed."""
        if self.verified_at is not None:
            raise Conflict("This channel is verified already.", "该联系方式已验证")
        if self.code_sent_at is not None and now < self.code_sent_at + CODE_AGAIN:
            raise Conflict("A code was sent less than a minute ago: wait for it.", "验证码刚刚发出，请稍候")
        return replace(self, code_hash=_hashed(self.id, code), code_sent_at=now, code_tries=0)

    def tried(self, code: str, now: datetime) -> Contact:
        """What becomes of it when that code is entered. Raises Conflict when there is no code to compare with."""
        if self.code_hash is None or self.code_sent_at is None or now >= self.code_sent_at + CODE_LASTS:
            raise Conflict("No code is waiting for this channel, or it is too old: ask for one.", "请先获取验证码")
        if self.code_tries >= CODE_TRIES:
            raise Conflict("Too many wrong codes: ask for a new one.", "错误次数过多，请重新获取验证码")
        if hmac.compare_digest(self.code_hash, _hashed(self.id, code)):
            return replace(self, verified_at=now, code_hash=None, code_sent_at=None, code_tries=0)
        return replace(self, code_tries=self.code_tries + 1)


def in_order(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """In which order channels are tried: the verified ones first, the others all the same."""
    return tuple(sorted(contacts, key=lambda one: (not one.relied_upon, one.added_at, one.id)))


def checked_address(kind: ChannelKind, address: str) -> str:
    """The address without blanks around it. Raises Invalid when it cannot be one of that kind."""
    text = address.strip()
    shape = {ChannelKind.SMS: _PHONE, ChannelKind.VOICE: _PHONE, ChannelKind.EMAIL: _MAIL}.get(kind, _OTHER)
    if not shape.match(text):
        wanted = {
            _PHONE: "a telephone number, 5 to 25 digits",
            _MAIL: "an e-mail address",
            _OTHER: "1 to 500 printable characters without blanks",
        }[shape]
        raise Invalid(f"This is no address for {kind}.", [f"address: write {wanted}"])
    return text


def _hashed(contact_id: str, code: str) -> str:
    return hashlib.sha256(f"{contact_id}:{code.strip()}".encode()).hexdigest()
