"""One SHA-256 chain per estate whose sequence is commit order: how entries are chained, and whether a chain holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC

from cloud.domain.records.ledger import Draft, Entry, Head


def canonical(entry: Entry) -> bytes:
    """The bytes that are hashed: UTF-8 JSON, keys sorted, no blanks, times in UTC to the microsecond."""
    body = {
        "estate": entry.estate,
        "seq": entry.seq,
        "kind": entry.kind,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "incident_id": entry.incident_id,
        "subject": entry.subject,
        "causation_id": entry.causation_id,
        "data": dict(entry.data),
        "previous": entry.previous,
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def digest_of(entry: Entry) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


def chain(estate: str, head: Head, drafts: Iterable[Draft]) -> list[Entry]:
    """The drafts as entries that follow `head`, in order."""
    entries: list[Entry] = []
    for draft in drafts:
        open_entry = Entry(
            estate, head.seq + 1, draft.kind, draft.at, draft.actor, draft.incident_id, draft.subject,
            draft.causation_id, draft.data, head.hash, "",
        )  # fmt: skip
        entry = replace(open_entry, hash=digest_of(open_entry))
        entries.append(entry)
        head = Head(entry.seq, entry.hash)
    return entries


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first entry that does not fit, and what is wrong with it."""

    seq: int
    reason: str


def verify(entries: Iterable[Entry], head: Head | None = None) -> Misfit | None:
    """The first entry that was tampered with, is missing or out of order; None when the chain holds.

    `head`: where the entries begin (the genesis by default).
    """
    last = head or Head()
    estate: str | None = None
    for entry in entries:
        estate = estate or entry.estate
        if entry.estate != estate:
            return Misfit(entry.seq, f"belongs to estate {entry.estate!r}, not {estate!r}")
        if entry.seq != last.seq + 1:
            return Misfit(entry.seq, f"follows {last.seq}: entries are missing or out of order")
        if entry.previous != last.hash:
            return Misfit(entry.seq, "does not continue the chain: its predecessor was altered or replaced")
        if entry.hash != digest_of(entry):
            return Misfit(entry.seq, "was altered: its content does not give its hash")
        last = Head(entry.seq, entry.hash)
    return None
