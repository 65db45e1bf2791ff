"""Screens on walls, in memory."""

from __future__ import annotations

from dataclasses import replace


class FakeScreens:
    def __init__(self, kept):
        self._kept = kept

    def of(self, estates):
        mine = [one for one in self._kept.values() if one.estate in estates]
        return sorted(mine, key=lambda one: (one.created_at, one.id), reverse=True)

    def find(self, hash_):
        return next((one for one in self._kept.values() if one.hash == hash_), None)

    def save(self, screen):
        self._kept[screen.id] = screen

    def seen(self, screen_id, now):
        if screen_id in self._kept:
            self._kept[screen_id] = replace(self._kept[screen_id], seen_at=now)

    def remove(self, screen_id):
        self._kept.pop(screen_id, None)
