"""A detector that keeps raising false alarms is faulty itself (governance.md: into `fire.detector-fault`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

OFTEN: Final = 3
"""So many false alarms of one detector are the detector's."""

WITHIN: Final = timedelta(days=30)
"""They are counted over this long: the span over which repeated incidents count as a pattern too (governance.md)."""


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """A fire alarm of one detector that one person claimed to be false and a second one, who had looked, confirmed.

    `raised_at`: since when the detector said so; `node_id`: the node that answers for it.
    """

    incident_id: str
    equipment: str
    node_id: str
    raised_at: datetime


def unreliable(found: Iterable[FalseAlarm], dealt_with: Mapping[str, datetime]) -> Mapping[str, tuple[FalseAlarm, ...]]:
    """By detector, its false alarms where they are often, in the order in which they were raised. `dealt_with`: when it was
    last seen to on account of them; what it raised before that counts no more.
    """
    by_detector: dict[str, dict[str, FalseAlarm]] = {}
    for one in found:
        since = dealt_with.get(one.equipment)
        if since is None or one.raised_at > since:
            # Several alarms of one incident were one alarm to whoever went there.
            by_detector.setdefault(one.equipment, {}).setdefault(one.incident_id, one)
    return {
        equipment: tuple(sorted(alarms.values(), key=lambda one: (one.raised_at, one.incident_id)))
        for equipment, alarms in sorted(by_detector.items())
        if len(alarms) >= OFTEN
    }
