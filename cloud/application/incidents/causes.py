"""Which causes hide their symptoms now: those that fire and that people still take for what they say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.inhibition import CAUSES, SYMPTOMS, worn_out
from cloud.domain.tasks.hiding import doubted


class Causes:
    """Of one estate, within one unit of work."""

    def __init__(self, uow: UnitOfWork, estate: str, now: datetime) -> None:
        self._uow, self._estate, self._now = uow, estate, now

    def believed(self) -> Sequence[Alert]:
        return [cause for cause in self._firing() if self.hides(cause)]

    def hides(self, cause: Alert) -> bool:
        return cause.firing and not worn_out(cause, self._now) and not self._doubted(cause)

    def spent(self) -> Sequence[Alert]:
        """Those that fire, hide nothing any more, and have hidden something."""
        hidden = {one.suppressed_by for one in self._uow.alerts.firing(self._estate, hazards=SYMPTOMS)} - {None}
        return [cause for cause in self._firing() if cause.id in hidden and not self.hides(cause)] if hidden else ()

    def _firing(self) -> Sequence[Alert]:
        return self._uow.alerts.firing(self._estate, hazards=CAUSES)

    def _doubted(self, cause: Alert) -> bool:
        task = self._uow.tasks.of_incident(cause.incident_id) if cause.incident_id else None
        return task is not None and doubted(task)
