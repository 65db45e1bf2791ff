"""Lifts and doors get labels, one of which is misused and replaced; somebody reports behind the new one."""

from __future__ import annotations

from itertools import count

from cloud.application.estates.keep_labels import KeepLabels
from cloud.domain.incidents.report import Concern
from tests.fakes.estate import ESTATE
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_DOOR = "b1/door"


def _labels(w: World) -> KeepLabels:
    """Whose codes are counted, so that the same deed gives the same code."""
    numbers = count(1)
    return KeepLabels(w.units, w.clock, lambda: f"{next(numbers):08d}")


def _makes(w: World) -> None:
    _labels(w).make(ESTATE, w.identity("manager"))


def _replaces(w: World) -> None:
    def hangs() -> str:
        with w.units.reading() as uow:
            return next(one.code for one in uow.labels.of(ESTATE) if one.equipment_id == _DOOR)

    _labels(w).replace(ESTATE, w.once("the label that hangs there", hangs), w.identity("manager"))


LABELS: Story = [
    step("labels are made for all that have none", _makes),
    step("one is replaced", _replaces),
    step("and all have one", _makes),
    step("somebody reports there", lambda w: w.is_reported(Concern.EXIT_OBSTRUCTED, _DOOR, device="phone")),
]
