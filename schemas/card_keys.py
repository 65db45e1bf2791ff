"""The estate's key for card numbers: its name, and how a new one travels to a node that nobody else can read it for.

A new key comes by the command `accept-card-key`, whose topic is not retained, sealed for the public key in the node's own
certificate (an EC key on P-256), and never in the configuration. Sealed is, in this order and together in base64:

- the public half of a key pair made for this once, an uncompressed point on P-256 (65 bytes);
- a nonce (12 bytes);
- the card key, 64 to 128 letters and figures, encrypted with AES-256-GCM and its tag (16 bytes).

The AES key is HKDF-SHA256 of the ECDH secret, 32 bytes long, without salt, `info` being `SEALED_CARD_KEY`. What `bound_to`
gives is authenticated along: a sealed key taken from one command and put into another, or sent to another node, opens nothing.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Final

from pydantic import Field

from schemas.base import DocumentModel, EpochSeconds
from schemas.topics import NodeAddress

SEALED_CARD_KEY: Final = b"tocsin card key 1"
POINT_BYTES: Final = 65
NONCE_BYTES: Final = 12
KEY_PATTERN: Final = r"^[0-9A-Za-z]{64,128}$"
"""A card key is text, as `openssl rand -hex 32` gives it: its letters are the key, not what they stand for."""

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class CardKeyOrder(DocumentModel):
    """The arguments of `accept-card-key`. `sealed_for`: SHA-256 (hex) of the public key it is sealed for, DER."""

    key_id: KeyId
    made_at: EpochSeconds
    sealed_for: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sealed: Annotated[str, Field(max_length=1024, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


def card_key_id(key: bytes) -> str:
    """A key's name, which says nothing of the key: 32 bits of a hash of it. The same key has the same name everywhere."""
    return hashlib.sha256(b"tocsin card key id:" + key).hexdigest()[:8]


def bound_to(node: NodeAddress, command: str, order: CardKeyOrder) -> bytes:
    """What a sealed key is bound to: its node, its command, and what is said of it in the clear."""
    return f"{node}|{command}|{order.key_id}|{order.made_at:.3f}|{order.sealed_for}".encode()
