"""What follows from an alarm, in one unit of work: alert, incident, duty, task, ledger, notifications."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cloud.application.fold_silence import fold
from cloud.application.ports import Ids, UnitOfWork
from cloud.application.sightings import Clearing, Sighting
from cloud.application.summons import Summons
from cloud.domain import transitions
from cloud.domain.alert import Alert, Ended, Fingerprint
from cloud.domain.incident import Incident, matter
from cloud.domain.inhibition import CAUSES, SYMPTOMS, disturbs, hidden_by, hides
from cloud.domain.ledger import Draft, Entry, Kind
from cloud.domain.notification import Reason
from cloud.domain.register import Register
from cloud.domain.routing import Routing, route
from cloud.domain.task import Task
from schemas.hazards import hazard


class Consequences:
    """Draws the consequences of alarms within one unit of work; `settle` writes what they leave behind.

    Nothing is committed here: whoever opened the unit of work does, so that the event and all that follows from it are
    durable together or not at all.
    """

    def __init__(self, uow: UnitOfWork, register: Register, ids: Ids, now: datetime, actor: str = "system") -> None:
        self._uow, self._register, self._ids, self._now, self._actor = uow, register, ids, now, actor
        self._summons = Summons(register, ids, now)
        self._drafts: list[Draft] = []
        self.tasks: list[str] = []

    def raised(self, sighting: Sighting) -> None:
        """An alarm came true. A repeat of the same occurrence changes nothing."""
        alert = self._alert(sighting.fingerprint, sighting.node_id, sighting.occurrence)
        if not alert.raise_(sighting.occurrence, sighting.severity, sighting.at, sighting.boot):
            return
        alert.point, alert.value, alert.threshold = sighting.point, sighting.value, sighting.threshold
        calls = self._calls(sighting)
        alert.late = not calls if alert.raises == 1 else alert.late and not calls
        alert.suppressed_by = self._cause_of(alert)
        before = len(self._drafts)
        incident, task = self._incident_for(alert, sighting.cause, calls=calls)
        alert.incident_id = incident.id
        self._say(Kind.ALERT_FIRED, alert, incident, sighting.cause, {"value": sighting.value, "raises": alert.raises})
        # The ledger tells it in the order in which it happened: the alert first, then what it led to.
        self._drafts.insert(before, self._drafts.pop())
        if alert.suppressed_by:
            self._say(Kind.ALERT_HIDDEN, alert, incident, sighting.cause)
        if alert.firing:
            task.fires()
        self._uow.incidents.save(incident)
        self._uow.tasks.save(task)
        self._uow.alerts.save(alert)
        self._hide_symptoms(alert, incident, sighting.cause)

    def cleared(self, clearing: Clearing) -> None:
        """An alarm went; one that was never raised leaves a tombstone and troubles nobody."""
        alert = self._alert(clearing.fingerprint, clearing.node_id, clearing.occurrence)
        was_firing = alert.firing
        if not alert.end(clearing.occurrence, clearing.at):
            return
        self._uow.alerts.save(alert)
        if was_firing and not alert.firing:
            self._quieten(alert, Kind.ALERT_RESOLVED, clearing.cause)

    def lost(self, alert: Alert, occurrences: Sequence[str], cause: str) -> None:
        """Its node no longer knows of it. It resolves with that reason, except life safety, where a person is asked."""
        asked = hazard(alert.fingerprint.hazard).life_safety
        for occurrence in occurrences:
            if asked:
                alert.lose_track(occurrence)
            else:
                alert.end(occurrence, self._now, Ended.LOST_TRACK)
        self._uow.alerts.save(alert)
        if not asked and not alert.firing:
            self._quieten(alert, Kind.TRACK_LOST, cause)
        elif asked and alert.incident_id:
            self._ask_after(alert, alert.incident_id, cause)

    def settle(self) -> Entry | None:
        """Append to the ledger and put the notifications in the outbox; the last entry, if there is any."""
        entries = self._uow.ledger.append(self._register.estate.id, self._drafts) if self._drafts else ()
        if self._summons.notifications:
            self._uow.outbox.put(self._summons.notifications)
        self._drafts = []
        self._summons = Summons(self._register, self._ids, self._now)
        return entries[-1] if entries else None

    def _alert(self, fingerprint: Fingerprint, node_id: str, occurrence: str) -> Alert:
        """The alert that holds the occurrence; else the one that fires; else a new one."""
        found = self._uow.alerts.concerning(fingerprint, occurrence)
        holding = [alert for alert in found if occurrence in alert.occurrences]
        if holding or found:
            return (holding or found)[0]
        place = self._register.whereabouts(fingerprint.equipment, node_id)
        return Alert(self._ids.new(self._now), fingerprint, node_id, place)

    def _calls(self, sighting: Sighting) -> bool:
        """Whether people are called: always, except for old news of what is over according to the node's last words,
        and for what a board had to say that was replaced since.
        """
        if sighting.drained:
            return False
        limit = timedelta(seconds=hazard(sighting.fingerprint.hazard).late_after_s)
        if sighting.age is None or sighting.age <= limit:
            return True
        node = self._uow.nodes.get(self._register.estate.id, sighting.node_id)
        return node is not None and sighting.occurrence in node.active

    def _cause_of(self, alert: Alert) -> str | None:
        if alert.fingerprint.hazard not in SYMPTOMS or not alert.firing:
            return None
        causes = self._uow.alerts.firing(self._register.estate.id, hazards=CAUSES)
        return hidden_by(alert, causes, self._register)

    def _incident_for(self, alert: Alert, cause: str, *, calls: bool) -> tuple[Incident, Task]:
        """The incident it belongs to, and its task: its cause's, an open one about the same matter, or a new one."""
        key = matter(alert.fingerprint, alert.place_id, self._register)
        incident = self._uow.incidents.latest(self._register.estate.id, key)
        joins = incident is not None and self._joinable(incident, alert)
        place = None
        if not joins and (silence := fold(self._uow, self._register, alert, self._now)) is not None:
            place, incident = silence.place, silence.incident
            joins = incident is not None
        if not joins and alert.suppressed_by:
            causes = self._uow.alerts.firing(self._register.estate.id, hazards=CAUSES)
            home = next((c.incident_id for c in causes if c.id == alert.suppressed_by), None)
            incident = self._uow.incidents.get(home) if home else None
            joins = incident is not None
        if incident is None or not joins:
            return self._open(alert, key, cause, calls=calls, place=place)
        task = self._uow.tasks.of_incident(incident.id)
        assert task is not None, f"incident {incident.id} has lost its task"
        if alert.suppressed_by is None:
            self._join(alert, incident, task, cause, calls=calls, place=place)
        return incident, task

    def _joinable(self, incident: Incident, alert: Alert) -> bool:
        task = self._uow.tasks.of_incident(incident.id)
        return task is not None and incident.joinable(alert, self._now, self._register, undone=task.undone)

    def _open(
        self, alert: Alert, key: str, cause: str, *, calls: bool, place: str | None = None
    ) -> tuple[Incident, Task]:
        incident = Incident.about(alert, self._ids.new(self._now), key, self._now)
        incident.widen(place)
        routing = self._route(incident, alert)
        task = transitions.open_task(
            self._ids.new(self._now),
            estate=incident.estate,
            incident_id=incident.id,
            hazard=incident.hazard,
            life_safety=incident.life_safety,
            mode=incident.mode,
            routing=routing,
            now=self._now,
            new_id=lambda: self._ids.new(self._now),
            call=calls,
        )
        task.quiet_since = None if alert.firing else self._now
        self.tasks.append(task.id)
        self._say(Kind.INCIDENT_OPENED, alert, incident, cause, {"late": incident.late, "matter": key})
        self._say_routed(task, incident, routing, cause)
        if calls:
            self._summons.first_call(task, incident)
        return incident, task

    def _join(
        self, alert: Alert, incident: Incident, task: Task, cause: str, *, calls: bool, place: str | None = None
    ) -> None:
        was_late = incident.late
        worse, wider = incident.take(alert), incident.widen(place)
        self.tasks.append(task.id)
        # Of life safety that is over already somebody has to hear all the same: its clear may have come first.
        news = alert.firing or hazard(alert.fingerprint.hazard).life_safety
        if news and calls and was_late and task.undone:
            # It was old news, for which nobody was called. Now it is news.
            transitions.call_out(task, self._now)
            self._summons.first_call(task, incident)
        if news and calls and not task.undone:
