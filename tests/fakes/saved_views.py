"""Saved views of the board, in memory."""

from __future__ import annotations

from cloud.errors import Conflict


class FakeSavedViews:
    def __init__(self, kept):
        self._kept = kept

    def of(self, estate, member_id):
        mine = [one for one in self._kept.values() if (one.estate, one.member_id) == (estate, member_id)]
        return sorted(mine, key=lambda one: one.name)

    def save(self, view):
        same = [one for one in self.of(view.estate, view.member_id) if one.name == view.name and one.id != view.id]
        if same:
            raise Conflict(f"There is a saved view {view.name!r} already.")
        self._kept[view.id] = view

    def remove(self, view_id):
        self._kept.pop(view_id, None)
