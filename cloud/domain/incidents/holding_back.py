"""What a maintenance window explains, and so holds back: what sensors raise of that which is worked on, for a time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import PartyKind
from cloud.domain.duties.register import Register
from cloud.domain.duties.upkeep import INSPECTION_DUE, MAINTENANCE_OVERDUE
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.maintenance import Window
from schemas.hazards import hazard

IN_A_ROW: Final = timedelta(days=14)
"""How long windows that follow one another hold back what they explain. Works that last longer are a matter with a task, which
its lead may put on hold for a reason that its duty allows."""

_APART: Final = timedelta(days=1)
"""Windows with less than this between them follow one another."""

_OF_EQUIPMENT: Final = frozenset({"access", "lift", "point"})
_FALLEN_DUE: Final = frozenset({MAINTENANCE_OVERDUE, INSPECTION_DUE})
_BESIDE: Final = frozenset({"fire.smoke-prealarm", "node.silent", "node.clock-untrusted", "node.storage-low"})
_DETECTORS: Final = "fire.detector-"
"""That a detector is out of order is explained by the work of who maintains it, and by nobody else's."""


def explains(register: Register, window: Window, hazard_id: str) -> bool:
    """Whether work there explains it. What people are held to - who is on duty, what has fallen due, an exit kept free, what
    was decided, whom a node is taken for - no work explains, least of all that of who is held to it.
    """
    known = hazard(hazard_id)
    if known.life_safety:
        return False  # nothing automatic ever suppresses life safety
    if hazard_id.startswith(_DETECTORS):
        return register.party(window.party_id).kind is PartyKind.FIRE_MAINTAINER
    return hazard_id in _BESIDE or (known.family in _OF_EQUIPMENT and hazard_id not in _FALLEN_DUE)


def holder(register: Register, windows: Collection[Window], alert: Alert, now: datetime) -> Window | None:
    """The window that holds the alarm back now, if any does. `windows`: those of the estate, over or not."""
    known = alert.fingerprint
    about = [one for one in windows if one.concerns(known.hazard, known.equipment, alert.place_id)]
    running = [one for one in about if one.running(now) and explains(register, one, known.hazard)]
    if not running or now - _begun(running[0], about) > IN_A_ROW:
        return None
    return running[0]


def _begun(window: Window, about: Collection[Window]) -> datetime:
    """When the first of those began that have followed one another up to this one."""
    begun = window.starts_at
    for one in sorted(about, key=lambda one: one.starts_at, reverse=True):
        if one.starts_at < begun <= (one.ended_at or one.ends_at) + _APART:
            begun = one.starts_at
    return begun
