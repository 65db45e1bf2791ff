"""The envelope of a numbered batch: identity, time, and the bytes that never change once it is sealed."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from schemas.base import Mono, Uuid, WireModel

MAX_RECORDS: Final = 1000


class Stream(StrEnum):
    """What a sequence number counts within."""

    EVENTS = "events"
    TELEMETRY = "telemetry"


class ClockState(StrEnum):
    """What a node knows of its wall clock."""

    SYNCHRONISED = "synchronised"
    UNSYNCHRONISED = "unsynchronised"


class Batch(WireModel):
    """Identity of a record is (outbox, stream, seq, index in the batch); time is never identity.

    `outbox` names the store that numbered it, `boot` the boot whose monotonic clock `sealed_mono` and the records use.
    `sent_mono` and `sent_boot` are stamped anew at every sending; where `sent_boot` equals `boot`,
    `sent_mono - mono` is the age of a record whatever the wall clock believes.
    """

    outbox: Uuid
    boot: Uuid
    seq: Annotated[int, Field(ge=1, lt=2**53)]
    sealed_mono: Mono
    clock: ClockState
    sent_mono: Mono | None = None
    sent_boot: Uuid | None = None
    backlog: bool = False

    def age(self, mono: float) -> float | None:
        """Seconds since `mono` at the time of sending; None when the node has booted since."""
        if self.sent_mono is None or self.sent_boot != self.boot:
            return None
        return max(0.0, self.sent_mono - mono)


_STAMP: Final = re.compile(rb',"sent_mono":-?[0-9.]+,"sent_boot":"[0-9a-f-]+","backlog":(?:true|false)}\Z')
_LONGEST_STAMP: Final = 256  # bytes from the end in which to look for it; written by `stamp` it takes about 110


def seal(batch: Batch) -> bytes:
    """The bytes of a batch as it will be kept and repeated: everything but the stamp."""
    return batch.model_dump_json(exclude={"sent_mono", "sent_boot", "backlog"}, exclude_none=True).encode()


def stamp(sealed: bytes, *, sent_mono: float, sent_boot: str, backlog: bool) -> bytes:
    """A sealed batch made ready to send. The stamp stands last, so the sealed bytes are untouched before it."""
    tail = f'"sent_mono":{sent_mono:.3f},"sent_boot":"{sent_boot}","backlog":{"true" if backlog else "false"}}}'
    return sealed[:-1] + b"," + tail.encode()


def digest(payload: bytes) -> bytes:
    """SHA-256 (32 bytes) of the sealed part of a payload, stamped or not.

    What `stamp` wrote is known by its place: nothing inside a batch can end with its last brace.
    """
    stamped = _STAMP.search(payload, max(0, len(payload) - _LONGEST_STAMP))
    sealed = payload[: stamped.start()] + b"}" if stamped else payload
    return hashlib.sha256(sealed).digest()


def mark(digest_: bytes) -> int:
    """The first 32 bits of a digest: enough to tell a batch of one's own from a copied card's under the same number."""
    return int.from_bytes(digest_[:4], "big")
