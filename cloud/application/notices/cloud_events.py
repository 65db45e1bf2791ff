"""A ledger entry as a CloudEvents 1.0 document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from cloud.domain.records.ledger import Entry

TYPE: Final = "org.tocsin."


def source_of(url: str | None, estate: str) -> str:
    """`url`: the service's own address, which tells two installations apart; None where it has none."""
    return f"{url or ''}/estates/{estate}"


def document(source: str, entry: Entry) -> Mapping[str, Any]:
    """The id is the entry's, the same for every webhook: who is told through two sees that it is one event. `sequence` is the entry's number as text that sorts (CloudEvents' Sequence extension): attempts may overtake each other."""
    data = {
        "seq": entry.seq,
        "actor": entry.actor,
        "incident": entry.incident_id,
        "subject": entry.subject,
        "cause": entry.causation_id,
        "facts": dict(entry.data),
        "hash": entry.hash,
    }
    return {
        **_envelope(f"{entry.estate}:{entry.seq}", entry.kind, source, entry.at),
        **({"subject": entry.subject} if entry.subject else {}),
        "sequence": f"{entry.seq:020d}",
        "data": data,
    }


def trial(id_: str, source: str, now: datetime) -> Mapping[str, Any]:
    return {**_envelope(id_, "test", source, now), "data": {"message": "This is a test. / 这是一条测试消息。"}}


def _envelope(id_: str, kind: str, source: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": TYPE + kind,
        "time": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
    }
