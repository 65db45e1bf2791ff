"""What follows from an alarm, in one unit of work: alert, incident, duty, task, ledger, notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cloud.application.incidents.chronicle import Chronicle
from cloud.application.incidents.circumstances import Circumstances, other_mode
from cloud.application.incidents.hidden_matters import HiddenMatters
from cloud.application.incidents.matters import Matters
from cloud.application.incidents.others_join import Ground, call_others
from cloud.application.incidents.sightings import Clearing, Sighting
from cloud.application.incidents.sounders import sound_again
from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert, Ended, Fingerprint, unsensed
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.inhibition import CAUSES, disturbs
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.ledger import Draft, Entry, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import asking
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard


class Consequences:
    """Draws the consequences of alarms within one unit of work; `settle` writes what they leave behind.

    Nothing is committed here: whoever opened the unit of work does, so that the event and all that follows from it are
    durable together or not at all. The estate is held from the beginning: what was read before may be out of date.
    """

    def __init__(self, uow: UnitOfWork, register: Register, ids: Ids, now: datetime, actor: str = "system") -> None:
        uow.ledger.hold(register.estate.id)
        self._uow, self._register, self._ids, self._now = uow, register, ids, now
        self._actor, self._around = actor, Circumstances(uow, register, now)
        self._summons = Summons(register, ids, now)
        self._chronicle = Chronicle(register.estate.id, now, actor)
        self._matters = Matters(uow, register, ids, now, chronicle=self._chronicle, summons=self._summons)
        self._hidden = HiddenMatters(uow, register, now, chronicle=self._chronicle, matters=self._matters)

    def raised(self, sighting: Sighting) -> None:
        """An alarm came true. A repeat of the same occurrence changes nothing."""
        if self._around.known_otherwise(sighting):
            return
        drilled = self._around.in_exercise(sighting)
        if drilled:
            sighting = replace(sighting, fingerprint=other_mode(sighting.fingerprint))
        alert = self._alert(sighting.fingerprint, sighting.node_id, sighting.occurrence)
        if not alert.raise_(sighting.occurrence, sighting.severity, sighting.at, sighting.boot, sighting.node_id):
            return
        alert.point, alert.value, alert.threshold = sighting.point, sighting.value, sighting.threshold
        calls = self._calls(sighting)
        alert.late = not calls if alert.raises == 1 else alert.late and not calls
        if (window := self._around.holding_back(alert, sighting.occurrence)) is not None:
            self._hold_back(alert, window, sighting.cause)
            return
        alert.suppressed_by = self._hidden.cause_of(alert)
        before = len(self._chronicle)
        incident, task = self._matters.incident_for(alert, sighting.cause, calls=calls)
        alert.incident_id = incident.id
        # The occurrence is the id that the node gave it: its own logs tell of it under this name.
        facts = {"value": sighting.value, "raises": alert.raises, "occurrence": sighting.occurrence}
        self._chronicle.say(Kind.ALERT_FIRED, alert, incident, sighting.cause, facts)
        # The ledger tells it in the order in which it happened: the alert first, then what it led to.
        self._chronicle.move_last_to(before)
        if drilled:
            self._chronicle.say(Kind.ALARM_IN_EXERCISE, alert, incident, sighting.cause)
        if alert.suppressed_by:
            self._chronicle.say(Kind.ALERT_HIDDEN, alert, incident, sighting.cause)
        self._technician_first(alert, incident, task, sighting.cause)
        # What a cause explains is no sign of the cause itself: a door that opens in a fire says nothing of the smoke.
        if not unsensed(sighting.occurrence) and disturbs(alert, incident.hazard):
            task.fires()
            for draft in sound_again(self._uow, self._register, alert, task, cause=sighting.cause, now=self._now):
                self._chronicle.add(draft)
        self._uow.incidents.save(incident)
        self._uow.tasks.save(task)
        self._uow.alerts.save(alert)
        if alert.suppressed_by:
            self._hidden.settle(incident.id)
        self._hidden.hide_symptoms(alert, incident, sighting.cause)

    def cleared(self, clearing: Clearing) -> None:
        """An alarm went; one that was never raised leaves a tombstone and troubles nobody."""
        clearing = self._around.as_known(clearing)
        alert = self._alert(clearing.fingerprint, clearing.node_id, clearing.occurrence)
        was_firing = alert.sensed
        if not alert.end(clearing.occurrence, clearing.at):
            return
        self._uow.alerts.save(alert)
        if was_firing and not alert.sensed:
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
        if not asked and not alert.sensed:
            self._quieten(alert, Kind.TRACK_LOST, cause)
        elif asked and alert.incident_id:
            self._ask_after(alert, alert.incident_id, cause)

    def released(self, alert: Alert, cause: str) -> None:
        """What a maintenance window held back and still fires is a matter of its own now; another window over it holds
        it back further.
        """
        alert.suppressed_by = None
        if (window := self._around.holding_back(alert, "")) is not None:
            self._hold_back(alert, window, cause)
            return
        alert.suppressed_by = self._hidden.cause_of(alert)
        incident, task = self._matters.incident_for(alert, cause, calls=True)
        alert.incident_id = incident.id
        self._chronicle.say(Kind.ALERT_SHOWN, alert, incident, cause)
        task.fires()
        self._uow.incidents.save(incident)
        self._uow.tasks.save(task)
        self._uow.alerts.save(alert)
        self._hidden.hide_symptoms(alert, incident, cause)

    def _hold_back(self, alert: Alert, window: Window, cause: str) -> None:
        """True, stored and shown with its reason, but no task."""
        alert.suppressed_by = window.mark
        self._uow.alerts.save(alert)
        self._uow.windows.save(replace(window, held=window.held + 1))
        known = alert.fingerprint
        facts = {"hazard": known.hazard, "equipment": known.equipment, "place": alert.place_id, "window": window.id}
        draft = Draft(
            Kind.ALERT_HELD_BACK, self._now, self._actor, None, alert.id, cause, {**facts, "party": window.party_id}
        )
        self._chronicle.add(draft)

    def _technician_first(self, alert: Alert, incident: Incident, task: Task, cause: str) -> None:
        """Where life is at stake whoever is at work there hears of it first, and everybody else as ever."""
        window = self._around.at_work(alert) if incident.life_safety and alert.raises == 1 else None
        if window is None:
            return
        asking.call_in(task, window.party_id, self._now, lambda: self._ids.new(self._now))
        self._summons.first(task, incident, window.party_id, Reason.AT_WORK_THERE)
        facts = {"party": window.party_id, "window": window.id}
        self._chronicle.say(Kind.TECHNICIAN_TOLD, alert, incident, cause, facts, subject=task.id)

    def corroborated(self, incident: Incident, task: Task, cause: str) -> None:
        """A second person says the same: everybody whom the duty names is called."""
        facts = call_others(
            self._register, incident, task, Ground.SECOND_REPORT, ids=self._ids, now=self._now, summons=self._summons
        )
        self._chronicle.add(Draft(Kind.OTHERS_JOINED, self._now, "system", incident.id, task.id, cause, facts))

    def look_again(self, event: str) -> None:
        """Something may be no cause of anything else any more."""
        self._hidden.look_again(event)

    def note(self, draft: Draft) -> None:
        """What else is to be told, after what led to it."""
        self._chronicle.add(draft)

    def settle(self) -> Entry | None:
        """Append to the ledger and put the notifications in the outbox; the last entry, if there is any."""
        last = self._chronicle.write(self._uow)
        if notifications := self._summons.taken():
            self._uow.outbox.put(notifications)
        return last

    @property
    def tasks(self) -> Sequence[str]:
        """The tasks that were opened or touched."""
        return self._matters.touched

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

    def _quieten(self, alert: Alert, kind: Kind, cause: str) -> None:
        """An alert stopped firing: what it hid is seen again, and its incident may be quiet now."""
        incident = self._uow.incidents.get(alert.incident_id) if alert.incident_id else None
        if incident is None:
            return
        self._chronicle.say(kind, alert, incident, cause)
        if alert.fingerprint.hazard in CAUSES:
            self._hidden.look_again(cause)
        alerts = self._uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        task = self._uow.tasks.of_incident(incident.id)
        if task is None or any(disturbs(other, incident.hazard) for other in alerts):
            return
        task.quiet_since = self._now
        task.track_lost = any(other.firing and not other.known_to_fire for other in alerts)
        self._uow.tasks.save(task)
        self._chronicle.say(Kind.INCIDENT_QUIET, alert, incident, cause, subject=task.id)

    def _ask_after(self, alert: Alert, incident_id: str, cause: str) -> None:
        incident, task = self._uow.incidents.get(incident_id), self._uow.tasks.of_incident(incident_id)
        if incident is None or task is None:
            return
        task.track_lost = True
        alerts = [alert, *self._uow.alerts.of_incidents([incident_id]).get(incident_id, ())]
        if task.quiet_since is None and not any(disturbs(other, incident.hazard) for other in alerts):
            task.quiet_since = self._now
        self._uow.tasks.save(task)
        self._chronicle.say(Kind.TRACK_LOST, alert, incident, cause)
        self._summons.one(task, incident, task.responsible_id, Reason.TRACK_LOST)
