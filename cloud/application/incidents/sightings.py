"""Alarms as the cloud understands them, whoever noticed them: a node's rule or the cloud itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud.domain.incidents.alert import Fingerprint
from schemas.hazards import Severity


@dataclass(frozen=True, slots=True)
class Sighting:
    """An alarm that was raised. `age`: how old the news is, None when nobody can say; `cause`: the event's identity.
    `drained`: told by a board that was replaced since; it calls nobody.
    """

    fingerprint: Fingerprint
    node_id: str
    occurrence: str
    severity: Severity
    at: datetime
    cause: str
    age: timedelta | None = None
    boot: str | None = None
    point: str | None = None
    value: str | None = None
    threshold: float | None = None
    drained: bool = False


@dataclass(frozen=True, slots=True)
class Clearing:
    """An alarm that was cleared."""

    fingerprint: Fingerprint
    node_id: str
    occurrence: str
    at: datetime
    cause: str
