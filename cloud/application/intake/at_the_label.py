"""Whoever stands before a label: where they are, what is known there, and to whom goes what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cloud.application.intake.known_here import KnownHere, SpotView
from cloud.application.intake.who_is_told import Told, told_of
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.community.label import read_code
from cloud.domain.community.names import Names
from cloud.domain.incidents.report import Concern, spot_of
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class LabelledSpot:
    """What anybody may know who has read the label. `code` as it is kept, `equipment_id` what reports name."""

    code: str
    estate: str
    estate_names: Names
    time_zone: str
    region: str
    equipment_id: str
    spot: SpotView
    told: Mapping[Concern, Told]


class AtTheLabel:
    """Raises NotFound for a code that no label has, or no longer; Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, known_here: KnownHere) -> None:
        self._units, self._clock, self._known_here = units, clock, known_here

    def __call__(self, typed: str) -> LabelledSpot:
        code = read_code(typed)
        with self._units.reading() as uow:
            label = uow.labels.find(code) if code else None
            register = uow.registers.find(label.estate) if label else None
            if label is None or register is None or label.replaced_at or label.equipment_id not in register.equipment:
                raise NotFound(
                    "No label has this code any more. Look for a newer label there.",
                    "编码无效或已更换，请查看现场新标签",
                )
            spot = spot_of(label.equipment_id, register)
            told = told_of(uow, register, spot, self._clock.now())
        known = self._known_here(label.estate, label.equipment_id)
        estate = register.estate
        zone, region, item = estate.time_zone, estate.days.region, label.equipment_id
        return LabelledSpot(label.code, estate.id, estate.names, zone, region, item, known, told)
