"""What is kept as it came: batches and their events, dead letters, notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BatchKey:
    """The identity of a batch, and the digest of its bytes (hex)."""

    outbox: str
    stream: str
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event as it was received. Its identity is (outbox, seq, digest, index)."""

    estate: str
    node_id: str
    outbox: str
    seq: int
    digest: str
    index: int
    kind: str
    at: datetime
    received_at: datetime
    uncertain: bool
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What could never be taken, with the reason: in both languages where it is a `Fault`. `payload` is kept as it came, at most 64 KiB of it. `why`: what was wrong, with
    the message or with who sent it; None where an earlier release kept it. `replayed_at`: when a member (`replayed_by`) had it
    taken after all.
    """

    id: str
    received_at: datetime
    topic: str
    reason: str
    payload: bytes
    estate: str | None = None
    node_id: str | None = None
    why: str | None = None
    replayed_at: datetime | None = None
    replayed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """What a member wrote. It may hold personal data, so the ledger knows only its salted digest."""

    id: str
    incident_id: str
    member_id: str
    party_id: str
    at: datetime
    text: str
    public: bool
    salt: str
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Raises:
    """How often one alarm was raised within some time. `node_id`: the node that answers for it."""

    hazard: str
    equipment: str
    node_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many open tasks of one estate are about life safety, and in how many some party of the viewer's has a part."""

    life_safety: int = 0
    own: int = 0
