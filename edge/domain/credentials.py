"""Card numbers never leave a node: a keyed hash does."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from edge.domain.wiegand import Card
from schemas.card_keys import card_key_id


@dataclass(frozen=True, slots=True)
class CardKeys:
    """The estate's key, and the one before it: while gates still list hashes made with that, no door closes to anybody."""

    current: bytes
    previous: bytes | None = None

    @property
    def name(self) -> str:
        """What the key in use is called, wherever a hash made with it goes."""
        return card_key_id(self.current)

    @property
    def former_name(self) -> str | None:
        return None if self.previous is None else card_key_id(self.previous)

    def listed(self, card: Card) -> str:
        """As a gate's `credentials` list the card."""
        return f"{self.name}:{self.credential(card)}"

    def credential(self, card: Card) -> str:
        """What leaves the node."""
        return credential_of(card, self.current)

    def formerly(self, card: Card) -> str | None:
        """What the card was called before the last rotation; it is compared with a gate's list and goes nowhere else."""
        return None if self.previous is None else credential_of(card, self.previous)


_LENGTH_BYTES = 16
"""128 bits: no two cards of an estate meet, and the field stays short."""


def credential_of(card: Card, key: bytes) -> str:
    """HMAC-SHA256 of the card under the estate's key, cut to 128 bits, in hex.

    The length of the frame is not part of it: one card read by a 26 and a 34 bit reader is one credential.
    """
    message = f"wiegand:{card.site}:{card.number}".encode()
    return hmac.new(key, message, hashlib.sha256).digest()[:_LENGTH_BYTES].hex()
