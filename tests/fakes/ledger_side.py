"""What stands beside the ledger, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cloud.application.ledger_ports import PublishedHead
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.personal import PersonalClass, PersonalRecord


@dataclass
class LedgerSide:
    personal: dict[str, PersonalRecord] = field(default_factory=dict)
    looks: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    heads: dict[str, list[PublishedHead]] = field(default_factory=dict)


class FakePersonal:
    def __init__(self, side: LedgerSide, incidents: dict[str, Incident]) -> None:
        self._side, self._incidents = side, incidents

    def put(self, record: PersonalRecord) -> None:
        self._side.personal[record.id] = record

    def get(self, record_id: str) -> PersonalRecord | None:
        return self._side.personal.get(record_id)

    def of_subject(self, estate: str, subject: str) -> Sequence[PersonalRecord]:
        return [r for _, r in sorted(self._side.personal.items()) if (r.estate, r.subject) == (estate, subject)]

    def of_estate(self, estate: str, limit: int = 1000) -> Sequence[PersonalRecord]:
        kept = [r for _, r in sorted(self._side.personal.items()) if r.estate == estate and r.erased_at is None]
        return kept[:limit]

    def outlived(self, sort: PersonalClass, before: datetime, limit: int = 200) -> Sequence[PersonalRecord]:
        def over(record: PersonalRecord) -> bool:
            if record.incident_id is None:
                return True
            closed = self._incidents[record.incident_id].closed_at
            return closed is not None and closed < before

        kept = [r for r in self._side.personal.values() if r.erased_at is None and (r.sort, True) == (sort, over(r))]
        return sorted([r for r in kept if r.at < before], key=lambda r: (r.at, r.id))[:limit]

    def erase(self, record: PersonalRecord) -> None:
        self._side.personal[record.id] = record

    def shred(self) -> None:
        """Memory keeps nothing."""

    def last_look(self, estate: str, member_id: str, about: str) -> datetime | None:
        return self._side.looks.get((estate, member_id, about))

    def first_look(self, estate: str, member_id: str, about: str, now: datetime, since: datetime) -> bool:
        key = (estate, member_id, about)
        if key in self._side.looks and self._side.looks[key] > since:
            return False
        self._side.looks[key] = now
        return True


class FakePublishedHeads:
    def __init__(self, side: LedgerSide) -> None:
        self._side = side

    def add(self, estate: str, published: PublishedHead) -> None:
        self._side.heads.setdefault(estate, []).append(published)

    def latest(self, estate: str, limit: int = 1, *, before: int | None = None) -> Sequence[PublishedHead]:
        found = [h for h in self._side.heads.get(estate, []) if before is None or h.seq < before]
        return sorted(found, key=lambda head: -head.seq)[:limit]
