"""What one unit of work leaves on the ledger, gathered in the order in which it is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.routing import Routing
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Entry, Kind
from cloud.domain.tasks.task import Task


class Chronicle:
    """Gathers entries; `write` appends them. Nothing is committed here."""

    def __init__(self, estate: str, now: datetime, actor: str) -> None:
        self._estate, self._now, self._actor = estate, now, actor
        self._drafts: list[Draft] = []

    def __len__(self) -> int:
        return len(self._drafts)

    def move_last_to(self, place: int) -> None:
        """The entry made last belongs before what it led to."""
        self._drafts.insert(place, self._drafts.pop())

    def write(self, uow: UnitOfWork) -> Entry | None:
        """Append everything; the last entry, if there is any."""
        entries = uow.ledger.append(self._estate, self._drafts) if self._drafts else ()
        self._drafts = []
        return entries[-1] if entries else None

    def say(
        self,
        kind: Kind,
        alert: Alert,
        incident: Incident,
        cause: str,
        data: dict[str, Any] | None = None,
        *,
        subject: str | None = None,
    ) -> None:
        """Something about an alert, or about its incident or task (`subject`)."""
        facts = {
            "hazard": alert.fingerprint.hazard,
            "equipment": alert.fingerprint.equipment,
            "place": alert.place_id,
            "severity": alert.severity.value,
            **({"mode": "exercise"} if incident.mode == "exercise" else {}),
            **(data or {}),
        }
        self._drafts.append(Draft(kind, self._now, self._actor, incident.id, subject or alert.id, cause, facts))

    def routed(self, task: Task, routing: Routing, cause: str) -> None:
        """Who answers for it from now on."""
        data = {
            "party": routing.lead.id,
            "duty": routing.duty.id,
            "duty_version": routing.duty.version,
            "supports": [party.id for party in routing.supports],
            "observers": [party.id for party in routing.observers],
        }
        self._drafts.append(Draft(Kind.TASK_ROUTED, self._now, "system", task.incident_id, task.id, cause, data))

    def add(self, draft: Draft) -> None:
        self._drafts.append(draft)
