"""Consents of people at home, in memory."""

from __future__ import annotations


class FakeConsents:
    def __init__(self, kept):
        self._kept = kept

    def of(self, estate):
        return [one for _, one in sorted(self._kept.items()) if one.estate == estate]

    def get(self, estate, member_id):
        return self._kept.get((estate, member_id))

    def save(self, consent):
        self._kept[consent.estate, consent.member_id] = consent

    def remove(self, estate, member_id):
        self._kept.pop((estate, member_id), None)
