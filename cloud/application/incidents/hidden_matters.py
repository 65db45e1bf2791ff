"""What causes hide on the board, and what is seen again: alerts, their incidents and tasks, within one unit of work.

The rule is `inhibition.hidden_under`; here it is applied wherever something changes that it hangs on.
"""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.causes import Causes
from cloud.application.incidents.chronicle import Chronicle
from cloud.application.incidents.matters import Matters
from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.inhibition import CAUSES, SYMPTOMS, hidden_by, hidden_under, hides
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks import hiding


class HiddenMatters:
    """Saves what it changes; what it says goes to the chronicle, which the caller writes."""

    def __init__(
        self, uow: UnitOfWork, register: Register, now: datetime, *, chronicle: Chronicle, matters: Matters
    ) -> None:
        self._uow, self._register, self._now = uow, register, now
        self._chronicle, self._matters = chronicle, matters
        self._causes = Causes(uow, register.estate.id, now)

    def cause_of(self, alert: Alert) -> str | None:
        if alert.fingerprint.hazard not in SYMPTOMS or not alert.firing:
            return None
        return hidden_by(alert, self._causes.believed(), self._register)

    def hide_symptoms(self, alert: Alert, incident: Incident, event: str) -> None:
        """What this alert causes goes under its incident."""
        if alert.fingerprint.hazard not in CAUSES or not self._causes.hides(alert):
            return
        for symptom in self._uow.alerts.firing(incident.estate, hazards=SYMPTOMS):
            if symptom.suppressed_by is None and hides(alert, symptom, self._register):
                symptom.suppressed_by = alert.id
                self._uow.alerts.save(symptom)
                self.settle(symptom.incident_id)
                self._chronicle.say(Kind.ALERT_HIDDEN, symptom, incident, event)

    def look_again(self, event: str) -> None:
        """What is hidden by what is no cause any more is a matter of its own now: its cause has ended or is over, went on
        for too long, or is doubted.
        """
        for symptom in self._causes.forsaken():
            symptom.suppressed_by = hidden_by(symptom, self._causes.believed(), self._register)
            self._uow.alerts.save(symptom)
            if symptom.suppressed_by is None:
                self._show(symptom, event)
        for incident in self._uow.incidents.hidden(self._register.estate.id):
            self.settle(incident.id)

    def settle(self, incident_id: str | None) -> None:
        """The incident and its task are hidden or seen as the rule has it now."""
        incident = self._uow.incidents.get(incident_id) if incident_id else None
        task = self._uow.tasks.of_incident(incident.id) if incident is not None else None
        if incident is None or task is None:
            return
        under = self._under(incident) if incident.closed_at is None else None
        if under != incident.hidden_by:
            incident.hidden_by = under
            self._uow.incidents.save(incident)
        if (under is None) is (task.hidden_since is not None):
            (hiding.show if under is None else hiding.hide)(task, self._now)
            self._uow.tasks.save(task)

    def _under(self, incident: Incident) -> str | None:
        alerts = self._uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        return hidden_under(incident, alerts, {cause.id: cause for cause in self._causes.believed()})

    def _show(self, symptom: Alert, event: str) -> None:
        self.settle(symptom.incident_id)
        incident, task = self._matters.incident_for(symptom, event, calls=True)
        symptom.incident_id = incident.id
        task.fires()
        self._uow.incidents.save(incident)
        self._uow.tasks.save(task)
        self._uow.alerts.save(symptom)
        self._chronicle.say(Kind.ALERT_SHOWN, symptom, incident, event)
