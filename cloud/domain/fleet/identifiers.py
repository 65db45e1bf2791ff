"""Ids that sort by when they were given: UUIDs of version 7 (RFC 9562, 5.7)."""

from __future__ import annotations

import uuid
from datetime import datetime

RANDOM_BYTES = 10


def uuid7(now: datetime, randomness: bytes) -> str:
    """A version 7 UUID from a moment (its millisecond) and 10 random bytes, of which 74 bits are used."""
    if len(randomness) != RANDOM_BYTES:
        raise ValueError(f"uuid7 needs {RANDOM_BYTES} random bytes, not {len(randomness)}")
    millis = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    bits = (millis << 80) | int.from_bytes(randomness)
    bits = bits & ~(0xF << 76) | (7 << 76)
    bits = bits & ~(0b11 << 62) | (0b10 << 62)
    return str(uuid.UUID(int=bits))
