"""Which causes hide their symptoms now: those that fire, that people still take for what they say, and have in hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.inhibition import CAUSES, SYMPTOMS, hidden_under, worn_out
from cloud.domain.incidents.maintenance import HELD_BY
from cloud.domain.tasks.hiding import in_hand


class Causes:
    """Of one estate, within one unit of work."""

    def __init__(self, uow: UnitOfWork, estate: str, now: datetime) -> None:
        self._uow, self._estate, self._now = uow, estate, now

    def believed(self) -> Sequence[Alert]:
        firing = self._uow.alerts.firing(self._estate, hazards=CAUSES)
        return [cause for cause in firing if self.hides(cause)]

    def hides(self, cause: Alert) -> bool:
        return cause.firing and not worn_out(cause, self._now) and self._in_hand(cause)

    def forsaken(self) -> Sequence[Alert]:
        """The alarms that fire and are hidden by what is no cause any more."""
        firing = self._uow.alerts.firing(self._estate, hazards=SYMPTOMS)
        hidden = [one for one in firing if one.suppressed_by and not one.suppressed_by.startswith(HELD_BY)]
        known = {cause.id for cause in self.believed()} if hidden else set()
        return [one for one in hidden if one.suppressed_by not in known]

    def misplaced(self) -> int:
        """How many incidents are hidden although nothing hides them any more, or under another than they are said to be."""
        hidden = self._uow.incidents.hidden(self._estate)
        known = {cause.id: cause for cause in self.believed()} if hidden else {}
        alerts = self._uow.alerts.of_incidents([one.id for one in hidden])
        return sum(hidden_under(one, alerts.get(one.id, ()), known) != one.hidden_by for one in hidden)

    def _in_hand(self, cause: Alert) -> bool:
        task = self._uow.tasks.of_incident(cause.incident_id) if cause.incident_id else None
        return task is not None and in_hand(task)
