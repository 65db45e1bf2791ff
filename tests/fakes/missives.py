"""Messages that belong to no task, in memory."""

from __future__ import annotations


class FakeMissives:
    def __init__(self, kept):
        self._kept = kept

    def get(self, missive_id):
        return self._kept.get(missive_id)

    def about(self, subject_id):
        return sorted((one for one in self._kept.values() if one.about == subject_id), key=lambda one: one.id)

    def due(self, now, limit=20):
        found = [one for one in self._kept.values() if one.next_at is not None and one.next_at <= now]
        return sorted(found, key=lambda one: (one.next_at, one.id))[:limit]

    def save(self, missive):
        self._kept[missive.id] = missive

    def forget(self, settled_before, limit):
        old = [one for one in self._kept.values() if one.settled_at is not None and one.settled_at < settled_before]
        for one in sorted(old, key=lambda one: one.settled_at)[:limit]:
            del self._kept[one.id]
        return min(len(old), limit)
