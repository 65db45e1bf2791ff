"""Offers, needs and small tasks in memory."""

from __future__ import annotations

from copy import copy


class FakeExchange:
    def __init__(self, kept):
        self._kept = kept

    def posting(self, posting_id):
        return copy(self._kept.get(("posting", posting_id)))

    def small_task(self, small_task_id):
        return copy(self._kept.get(("small-task", small_task_id)))

    def save_posting(self, posting):
        posting.revision += 1
        self._kept["posting", posting.id] = copy(posting)

    def save_small_task(self, task):
        task.revision += 1
        self._kept["small-task", task.id] = copy(task)

    def written(self, estate, member_id=None):
        by = {"posting": lambda one: one.member_id, "small-task": lambda one: one.posted_by}
        found = [
            one for (sort, _), one in self._kept.items() if one.estate == estate and member_id in (None, by[sort](one))
        ]
        return sorted(found, key=lambda one: one.id)
