"""Labels of lifts and doors, in memory."""

from __future__ import annotations

from dataclasses import replace

from cloud.errors import Conflict


class FakeLabels:
    def __init__(self, kept):
        self._kept = kept

    def find(self, code):
        return self._kept.get(code)

    def of(self, estate):
        holding = [one for one in self._kept.values() if one.estate == estate and one.replaced_at is None]
        return sorted(holding, key=lambda one: one.equipment_id)

    def add(self, label):
        labelled = {one.equipment_id for one in self.of(label.estate)}
        if label.code in self._kept or (label.replaced_at is None and label.equipment_id in labelled):
            raise Conflict(f"There is a label {label.code!r} already.")
        self._kept[label.code] = label

    def retire(self, code, at):
        self._kept[code] = replace(self._kept[code], replaced_at=at)
