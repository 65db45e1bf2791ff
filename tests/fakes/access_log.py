"""Access events in memory, and what is counted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cloud.application.records import StoredEvent
from cloud.domain.records.privacy import AccessCount, Privacy, day_of, privacy_of, unnamed


class FakeAccessLog:
    def __init__(self, events: list[StoredEvent], counts: Counter[tuple[str, str, str, str]]) -> None:
        self._events, self._counts = events, counts

    def unname(self, before: datetime, limit: int) -> int:
        past = self._past(Privacy.IDENTIFIED, before, limit)
        for at in past:
            self._events[at] = replace(self._events[at], body=unnamed(self._events[at].body))
        return len(past)

    def fold(self, before: datetime, limit: int) -> int:
        past = self._past(Privacy.PSEUDONYMOUS, before, limit)
        for at in sorted(past, reverse=True):
            event = self._events.pop(at)
            self._counts[event.estate, event.body.get("equipment") or "", day_of(event.at), event.kind] += 1
        return len(past)

    def counts(self, estate: str) -> Sequence[AccessCount]:
        found = [AccessCount(*key[1:], count) for key, count in self._counts.items() if key[0] == estate]
        return sorted(found, key=lambda found: (found.day, found.equipment, found.kind))

    def _past(self, privacy: Privacy, before: datetime, limit: int) -> list[int]:
        events = self._events
        old = [at for at, e in enumerate(events) if e.at < before and e.received_at < before]
        found = [at for at in old if privacy_of(events[at].kind, events[at].body) is privacy]
        return sorted(found, key=lambda at: events[at].at)[:limit]
