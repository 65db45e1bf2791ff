"""What proves that a channel is a member's: a code that was sent through it and comes back from who reads it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.contacts import Contact
from cloud.errors import Conflict

CODE_LASTS: Final = timedelta(minutes=15)
CODE_TRIES: Final = 5
CODE_DIGITS: Final = 6
CODE_AGAIN: Final = timedelta(minutes=1)
"""A code is sent again no sooner than this, so that nobody is flooded through us."""


def with_code(contact: Contact, code: str, now: datetime) -> Contact:
    """A fresh code is on its way. Raises Conflict when one was sent just now or none is needed."""
    if contact.verified_at is not None:
        raise Conflict("This channel is verified already.", "该联系方式已验证")
    if contact.code_sent_at is not None and now < contact.code_sent_at + CODE_AGAIN:
        raise Conflict("A code was sent less than a minute ago: wait for it.", "验证码刚刚发出，请稍候")
    return replace(contact, code_hash=_hashed(contact, code), code_sent_at=now, code_tries=0)


def tried(contact: Contact, code: str, now: datetime) -> Contact:
    """What becomes of it when that code is entered. Raises Conflict when there is no code to compare with."""
    if contact.code_hash is None or contact.code_sent_at is None or now >= contact.code_sent_at + CODE_LASTS:
        raise Conflict("No code is waiting for this channel, or it is too old: ask for one.", "请先获取验证码")
    if contact.code_tries >= CODE_TRIES:
        raise Conflict("Too many wrong codes: ask for a new one.", "错误次数过多，请重新获取验证码")
    if hmac.compare_digest(contact.code_hash, _hashed(contact, code)):
        return replace(contact, verified_at=now, code_hash=None, code_sent_at=None, code_tries=0)
    return replace(contact, code_tries=contact.code_tries + 1)


def _hashed(contact: Contact, code: str) -> str:
    return hashlib.sha256(f"{contact.member_id}:{contact.key}:{code.strip()}".encode()).hexdigest()
