"""Card numbers never leave a node: a keyed hash does."""

from __future__ import annotations

import hashlib
import hmac

from edge.domain.wiegand import Card

_LENGTH_BYTES = 16
"""128 bits: no two cards of an estate meet, and the field stays short."""


def credential_of(card: Card, key: bytes) -> str:
    """HMAC-SHA256 of the card under the estate's key, cut to 128 bits, in hex.

    The length of the frame is not part of it: one card read by a 26 and a 34 bit reader is one credential.
    """
    message = f"wiegand:{card.site}:{card.number}".encode()
    return hmac.new(key, message, hashlib.sha256).digest()[:_LENGTH_BYTES].hex()
