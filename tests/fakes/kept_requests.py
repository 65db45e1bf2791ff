"""Requests that came with a key, in memory."""

from __future__ import annotations

from dataclasses import replace

from cloud.errors import Conflict


class FakeKeptRequests:
    def __init__(self, kept):
        self._kept = kept

    def find(self, name):
        return self._kept.get(name)

    def put(self, request):
        if request.name in self._kept:
            raise Conflict(f"{request.name} is there already.")
        self._kept[request.name] = request

    def acted(self, name):
        if name in self._kept:
            self._kept[name] = replace(self._kept[name], acted=True)

    def answered(self, name, answer):
        if name in self._kept:
            self._kept[name] = replace(self._kept[name], answer=answer)

    def drop(self, name):
        self._kept.pop(name, None)

    def forget(self, before):
        for name in [one.name for one in self._kept.values() if one.at <= before]:
            del self._kept[name]
