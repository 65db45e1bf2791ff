"""A test alarm: raised by a person, as an exercise, to see whom an alarm reaches. No sensor is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from cloud.domain.duties.register import EquipmentKind
from cloud.domain.incidents.alert import Alert

TESTED: Final = "test:"
"""What the occurrence of a test begins with."""

HAZARDS: Final[Mapping[EquipmentKind, tuple[str, ...]]] = {
    EquipmentKind.LIFT: ("lift.entrapment", "lift.out-of-service"),
    EquipmentKind.SMOKE_DETECTOR: ("fire.smoke", "fire.detector-fault"),
    EquipmentKind.ACCESS_GATE: ("access.forced-open", "access.held-open"),
}
"""What may be tried at which equipment, the gravest first."""


def is_test(occurrence_id: str) -> bool:
    return occurrence_id.startswith(TESTED)


def only_tested(alerts: Iterable[Alert]) -> bool:
    """Whether nothing but tests is behind an incident."""
    occurrences = [one for alert in alerts for one in alert.occurrences]
    return bool(occurrences) and all(map(is_test, occurrences))
