"""An alarm rule and its exact meaning: a pure `step(rule, state, seen, mono) -> (state, transitions, next_due)`."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from schemas.base import DocumentModel, EquipmentId
from schemas.conditions import Condition, Seconds
from schemas.hazards import HazardId, Severity, hazard

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9./-]{0,95}$")]


class AlarmRule(DocumentModel):
    """When an alarm is raised and when it is cleared (ISA-18.2: on-delay, off-delay, deadband).

    Raised when `when` has been true without a break for `on_delay_s`. Cleared when `when` has been false for
    `off_delay_s` - or, where `clear_when` is given, when *that* has been true for `off_delay_s`, whatever `when` says
    (an entrapment ends with the car at level and its door open, not with a passenger who keeps still).
    """

    id: RuleId
    equipment: EquipmentId
    hazard: HazardId
    severity: Severity | None = None
    when: Condition
    on_delay_s: Seconds = 0.0
    off_delay_s: Seconds = 0.0
    clear_when: Condition | None = None
    enabled: bool = True

    @property
    def effective_severity(self) -> Severity:
        return self.severity or hazard(self.hazard).severity
