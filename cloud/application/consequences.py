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
            transitions.begin_again(task, self._now)
            task.quiet_since = self._now
            incident.closed_at = None
            self._say(Kind.TASK_REOPENED, alert, incident, cause, {"count": task.reopened_count}, subject=task.id)
            self._summons.again(task, incident, Reason.REOPENED)
        if (worse or wider) and calls:
            routing = self._route(incident, alert)
            transitions.worsen(
                task,
                incident.hazard,
                routing,
                life_safety=incident.life_safety,
                now=self._now,
                new_id=lambda: self._ids.new(self._now),
            )
            incident.closed_at = None
            told = {"place": incident.place_id} if wider else None
            self._say(Kind.INCIDENT_WIDENED if wider else Kind.INCIDENT_WORSENED, alert, incident, cause, told)
            self._say_routed(task, incident, routing, cause)
            self._summons.again(task, incident, Reason.WORSENED)

    def _route(self, incident: Incident, alert: Alert) -> Routing:
        equipment = self._register.equipment.get(alert.fingerprint.equipment)
        foreign = equipment is not None and equipment.node_id not in (None, alert.node_id)
        known = self._register.knows(alert.fingerprint.equipment) and not foreign
        return route(self._register, incident.hazard, incident.place_id, self._now, known=known)

    def _quieten(self, alert: Alert, kind: Kind, cause: str) -> None:
        """An alert stopped firing: what it hid is seen again, and its incident may be quiet now."""
        incident = self._uow.incidents.get(alert.incident_id) if alert.incident_id else None
        if incident is None:
            return
        self._say(kind, alert, incident, cause)
        self._show_symptoms(alert, cause)
        alerts = self._uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        task = self._uow.tasks.of_incident(incident.id)
        if task is None or any(disturbs(other, incident.hazard) for other in alerts):
            return
        task.quiet_since = self._now
        task.track_lost = any(other.firing and not other.known_to_fire for other in alerts)
        self._uow.tasks.save(task)
        self._say(Kind.INCIDENT_QUIET, alert, incident, cause, subject=task.id)

    def _ask_after(self, alert: Alert, incident_id: str, cause: str) -> None:
        incident, task = self._uow.incidents.get(incident_id), self._uow.tasks.of_incident(incident_id)
        if incident is None or task is None:
            return
        task.track_lost = True
        alerts = [alert, *self._uow.alerts.of_incidents([incident_id]).get(incident_id, ())]
        if task.quiet_since is None and not any(disturbs(other, incident.hazard) for other in alerts):
            task.quiet_since = self._now
        self._uow.tasks.save(task)
        self._say(Kind.TRACK_LOST, alert, incident, cause)
        self._summons.one(task, incident, task.responsible_id, Reason.TRACK_LOST)

    def _hide_symptoms(self, alert: Alert, incident: Incident, cause: str) -> None:
        if alert.fingerprint.hazard not in CAUSES or not alert.firing:
            return
        for symptom in self._uow.alerts.firing(incident.estate, hazards=SYMPTOMS):
            if symptom.suppressed_by is None and hides(alert, symptom, self._register):
                symptom.suppressed_by = alert.id
                self._uow.alerts.save(symptom)
                self._fold(symptom, incident.id)
                self._say(Kind.ALERT_HIDDEN, symptom, incident, cause)

    def _fold(self, symptom: Alert, under: str | None) -> None:
        """Its own incident, if it has one that nothing worse governs, goes under the cause's or comes back from there."""
        own = self._uow.incidents.get(symptom.incident_id) if symptom.incident_id else None
        if own is not None and own.id != under and hazard(own.hazard).id in SYMPTOMS:
            own.hidden_by = under
            self._uow.incidents.save(own)

    def _show_symptoms(self, cause: Alert, event: str) -> None:
        """What a cause hid and still fires is a matter of its own now."""
        if cause.fingerprint.hazard not in CAUSES:
            return
        estate = self._register.estate.id
        still = [other for other in self._uow.alerts.firing(estate, hazards=CAUSES) if other.id != cause.id]
        for symptom in self._uow.alerts.firing(estate, hazards=SYMPTOMS):
            if symptom.suppressed_by != cause.id:
                continue
            symptom.suppressed_by = hidden_by(symptom, still, self._register)
            if symptom.suppressed_by is None:
                self._fold(symptom, None)
                incident, task = self._incident_for(symptom, event, calls=True)
                symptom.incident_id = incident.id
                task.fires()
                self._uow.incidents.save(incident)
                self._uow.tasks.save(task)
                self._say(Kind.ALERT_SHOWN, symptom, incident, event)
            self._uow.alerts.save(symptom)

    def _say_routed(self, task: Task, incident: Incident, routing: Routing, cause: str) -> None:
        data = {
            "party": routing.lead.id,
            "duty": routing.duty.id,
            "duty_version": routing.duty.version,
            "supports": [party.id for party in routing.supports],
            "observers": [party.id for party in routing.observers],
        }
        self._drafts.append(Draft(Kind.TASK_ROUTED, self._now, "system", incident.id, task.id, cause, data))

    def _say(
        self,
        kind: Kind,
        alert: Alert,
        incident: Incident,
        cause: str,
        data: dict[str, Any] | None = None,
        *,
        subject: str | None = None,
    ) -> None:
        facts = {
            "hazard": alert.fingerprint.hazard,
            "equipment": alert.fingerprint.equipment,
            "place": alert.place_id,
            "severity": alert.severity.value,
            **({"mode": "exercise"} if incident.mode == "exercise" else {}),
            **(data or {}),
        }
        self._drafts.append(Draft(kind, self._now, self._actor, incident.id, subject or alert.id, cause, facts))
