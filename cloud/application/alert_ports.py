"""Where alerts are kept: what fires, what fired, and how often."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cloud.application.records import Raises
from cloud.domain.incidents.alarm_quality import AlarmRecord
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.false_alarms import FalseAlarm


class Alerts(Protocol):
    def concerning(self, fingerprint: Fingerprint, occurrence_id: str) -> Sequence[Alert]:
        """The alert that fires under this fingerprint and the one that holds this occurrence: none, one or two."""
        ...

    def firing(
        self, estate: str, *, hazards: Collection[str] | None = None, node_id: str | None = None
    ) -> Sequence[Alert]:
        """Alerts that fire; `node_id`: those of which this node raised an occurrence that lasts."""
        ...

    def raised_often(self, estate: str, since: datetime, more_than: int) -> Sequence[Raises]:
        """Alarms, exercises apart, that were raised more often than that since then, by equipment and hazard."""
        ...

    def of_incidents(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[Alert]]:
        """Alerts by incident, in the order in which they began."""
        ...

    def of_equipment(self, estate: str, equipment: str, since: datetime, limit: int = 50) -> Sequence[Alert]:
        """Those of one piece of equipment that fire or ended since then, the latest begun first."""
        ...

    def of_estate(self, estate: str, limit: int, before: str | None = None) -> Sequence[Alert]:
        """All of them, the latest made first, after the one with the id `before`."""
        ...

    def records(self, estate: str, start: datetime, end: datetime) -> Sequence[AlarmRecord]:
        """Every raise by a sensor or by the cloud itself, exercises apart, from `start` until before `end`, and of those before
        it what still stood at `start`. What a merged task was judged to be is what the one it went into was.
        """
        ...

    def false_alarms(self, estate: str, since: datetime) -> Sequence[FalseAlarm]:
        """Fire alarms of single detectors that were closed as false by two people since then, exercises apart."""
        ...

    def last_ended(self, estate: str, hazard: str, origin: str) -> Mapping[str, datetime]:
        """By equipment, when the last alarm of that hazard ended which the cloud itself raised, its occurrences named
        `origin:…`. What fires still is left out.
        """
        ...

    def save(self, alert: Alert) -> None: ...
