"""In which state a piece of equipment is, as an elevation or a list of it says in a shape and a word."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.maintenance import HELD_BY
from schemas.hazards import hazard


class EquipmentState(StrEnum):
    """The gravest first. `unwatched`: no node speaks for it, so that nothing can be known of it."""

    LIFE = "life"
    ALARM = "alarm"
    FAULT = "fault"
    UNHEARD = "unheard"
    MAINTENANCE = "maintenance"
    EXERCISE = "exercise"
    UNWATCHED = "unwatched"
    NORMAL = "normal"


ORDER: Final = tuple(EquipmentState)
STALE: Final = "point.stale"
UPKEEP: Final = frozenset({"lift.maintenance-overdue", "lift.inspection-due"})
"""Due by a date: the lift itself runs as it should."""
_DEFECTS: Final = ("fire.detector-", "lift.", "point.", "access.reader-tamper")
"""What is wrong with the equipment itself, unlike what the equipment says of the world."""


def states_of(
    alerts: Iterable[Alert],
    *,
    watched: bool = True,
    heard: bool = True,
    worked_on: bool = False,
    exercised: bool = False,
) -> tuple[EquipmentState, ...]:
    """All that holds of one piece of equipment, the gravest first; `normal` alone where nothing else does.

    `alerts`: those that fire at it. `watched`: a node is to speak for it; `heard`: it does so now.
    """
    found = {state for alert in alerts if (state := _told_by(alert)) is not None}
    if not watched:
        found.add(EquipmentState.UNWATCHED)
    elif not heard:
        found.add(EquipmentState.UNHEARD)
    if worked_on:
        found.add(EquipmentState.MAINTENANCE)
    if exercised:
        found.add(EquipmentState.EXERCISE)
    return tuple(state for state in ORDER if state in found) or (EquipmentState.NORMAL,)


def _told_by(alert: Alert) -> EquipmentState | None:
    """None for what a cause explains: a door that stands open while it burns is expected to."""
    known = hazard(alert.fingerprint.hazard)
    if alert.fingerprint.mode == "exercise":
        return EquipmentState.EXERCISE
    if known.life_safety:
        return EquipmentState.LIFE
    if known.id == STALE:
        return EquipmentState.UNHEARD
    if alert.suppressed_by is not None:
        return EquipmentState.MAINTENANCE if alert.suppressed_by.startswith(HELD_BY) else None
    if known.id in UPKEEP:
        return None
    return EquipmentState.FAULT if known.id.startswith(_DEFECTS) else EquipmentState.ALARM
