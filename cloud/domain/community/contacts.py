"""How a member is reached: addresses in order of preference. Personal data, erasable as a whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from cloud.domain.community.faults import fault
from cloud.errors import Invalid

_PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{4,20}\Z")
_MAIL: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"/]{1,190}\Z")
_ANY: Final = re.compile(r"[^\s\x00-\x1f]{1,256}\Z")


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of a member. `channel` is a kind of channel (`email`, `sms`, `voice`, `wecom` …); a lower `preference`
    is tried first. `quiet_from` and `quiet_until` are in the estate's own time; `digest`: what is merely told is gathered.

    `laid`: the estate's file names it. The code that was sent to prove it is kept as a hash, with when it was sent and how
    often it was guessed at.
    """

    member_id: str
    channel: str
    address: str
    verified_at: datetime | None = None
    preference: int = 0
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest: bool = False
    laid: bool = False
    code_hash: str | None = None
    code_sent_at: datetime | None = None
    code_tries: int = 0

    @property
    def key(self) -> str:
        """Tells it from the member's others without saying the address."""
        return f"{self.channel}:{hashlib.sha256(self.address.encode()).hexdigest()[:12]}"

    @property
    def relied_upon(self) -> bool:
        """Whether reaching it counts as reaching the member where life is at stake. Any other is tried all the same."""
        return self.verified_at is not None

    @property
    def masked(self) -> str:
        """Enough to recognise it, too little to use it."""
        name, at, domain = self.address.partition("@")
        if at:
            return f"{name[:1]}***@{domain}"
        return f"{self.address[:3]}***{self.address[-2:]}" if len(self.address) > 7 else "***"  # noqa: PLR2004 - shorter, the ends would give it away


_NUMBER: Final = re.compile(r"\+?\d[\d ()-]{3,}\d")
_SAME_NUMBER: Final = 7
"""Digits at the end by which two spellings of a telephone number are the same."""


def without_address(text: str, contact: Contact) -> str:
    """What a channel said, without the address it was said of: providers like to quote it, and it is personal."""
    digits = re.sub(r"\D", "", contact.address)

    def hidden(found: re.Match[str]) -> str:
        number = re.sub(r"\D", "", found.group())
        same = len(digits) >= _SAME_NUMBER and number[-_SAME_NUMBER:] == digits[-_SAME_NUMBER:]
        return "***" if same else found.group()

    said = text.replace(contact.address, "***") if contact.address else text
    return _NUMBER.sub(hidden, said)


def ordered(contacts: Iterable[Contact]) -> list[Contact]:
    """As they are tried: what was proven to reach the member before what was only written down, then by preference."""
    return sorted(contacts, key=lambda c: (c.verified_at is None, c.preference, c.channel, c.address))


def checked_address(channel: str, address: str) -> str:
    """The address without blanks around it. Raises Invalid when it cannot be one of that channel."""
    text = address.strip()
    shape = {"sms": _PHONE, "voice": _PHONE, "email": _MAIL}.get(channel, _ANY)
    if not shape.match(text):
        wanted = {_PHONE: "no-phone-number", _MAIL: "no-mail-address", _ANY: "no-address"}[shape]
        raise Invalid(f"This is no address for {channel}.", [fault(wanted)])
    return text


def channel_of(address: str) -> str | None:
    """By which channel an address that somebody has left is reached; None where it is neither a mailbox nor a number."""
    text = address.strip()
    if _MAIL.match(text):
        return "email"
    return "sms" if _PHONE.match(text) else None
