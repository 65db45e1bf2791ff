"""Which incident an alert belongs to, and what becomes of its task: opened, reopened, worse, more severe, or late news."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.chronicle import Chronicle
from cloud.application.incidents.fold_silence import fold
from cloud.application.incidents.keep_out import keep_out
from cloud.application.incidents.others_join import Ground, call_others
from cloud.application.incidents.presume_fire import corroborate
from cloud.application.incidents.summons import Summons
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.oversight import appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import Routing, route
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Change, Incident, matter
from cloud.domain.incidents.inhibition import CAUSES, disturbs
from cloud.domain.incidents.report import ALONE_FOR
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import fire, hiding, transitions, worsening
from cloud.domain.tasks.others import property_first
from cloud.domain.tasks.task import Task, TaskState
from schemas.hazards import Severity, hazard


class Matters:
    """Incidents and tasks within one unit of work. Saving them is the caller's."""

    def __init__(
        self, uow: UnitOfWork, register: Register, ids: Ids, now: datetime, *, chronicle: Chronicle, summons: Summons
    ) -> None:
        self._uow, self._register, self._ids, self._now = uow, register, ids, now
        self._chronicle, self._summons = chronicle, summons
        self.touched: list[str] = []

    def incident_for(self, alert: Alert, cause: str, *, calls: bool) -> tuple[Incident, Task]:
        """The incident it belongs to, and its task: its cause's, an open one about the same matter, or a new one."""
        key = matter(alert.fingerprint, alert.place_id, self._register)
        incident = self._standing(self._uow.incidents.latest(self._register.estate.id, key))
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

    def _standing(self, incident: Incident | None) -> Incident | None:
        """The incident, or the one that it was merged into."""
        while incident is not None and incident.closed_at is not None:
            task = self._uow.tasks.of_incident(incident.id)
            if task is None or task.merged_into is None:
                break
            incident = self._uow.incidents.get(task.merged_into)
        return incident

    def _joinable(self, incident: Incident, alert: Alert) -> bool:
        task = self._uow.tasks.of_incident(incident.id)
        if task is None or task.state is TaskState.CANCELLED:
            return False  # an officer said that this is no matter; what is raised now is judged by itself
        return incident.joinable(alert, self._now, self._register, undone=task.undone)

    def _open(
        self, alert: Alert, key: str, cause: str, *, calls: bool, place: str | None = None
    ) -> tuple[Incident, Task]:
        incident = Incident.about(alert, self._ids.new(self._now), key, self._now)
        incident.widen(place)
        routing, waits = self._first_called(self._route(incident, alert), alert, incident)
        task = transitions.open_task(
            self._ids.new(self._now),
            estate=incident.estate,
            incident_id=incident.id,
            hazard=incident.hazard,
            life_safety=incident.life_safety,
            mode=incident.mode,
            routing=routing,
            now=self._now,
            new_id=self._new_id,
            call=calls,
        )
        task.quiet_since = None if alert.firing else self._now
        task.sensed = not alert.hearsay
        task.others_at = self._now + ALONE_FOR if waits else None
        self.touched.append(task.id)
        data = {"late": incident.late, "matter": key}
        self._chronicle.say(Kind.INCIDENT_OPENED, alert, incident, cause, data)
        self._chronicle.routed(task, routing, cause)
        if calls:
            self._summons.first_call(task, incident)
            if not waits:
                fire.await_word(task, self._now)
        return incident, task

    def _first_called(self, routing: Routing, alert: Alert, incident: Incident) -> tuple[Routing, bool]:
        """What people alone say of life safety pages the property at once; whether the others wait."""
        if not (alert.hearsay and incident.life_safety):
            return routing, False
        alone = property_first(routing, self._register, incident.place_id, self._now)
        return (routing, False) if alone is None else (alone, True)

    def _join(
        self, alert: Alert, incident: Incident, task: Task, cause: str, *, calls: bool, place: str | None = None
    ) -> None:
        if calls and alert.firing and alert.raises == 1:
            self._end_hold(alert, incident, task, cause)
        if alert.firing or incident.outranked_by(alert):
            # No cause explains it, and so none hides the matter any more: what waited goes on before anything else is asked.
            incident.hidden_by = None
            hiding.show(task, self._now)
        never_called = incident.late and task.undone and task.ladder.due_at is None
        before = incident.severity
        change, wider = incident.take(alert), incident.widen(place)
        self.touched.append(task.id)
        # Of life safety that is over already somebody has to hear all the same: its clear may have come first.
        news = calls and (alert.firing or hazard(alert.fingerprint.hazard).life_safety)
        told = news and (not task.undone or never_called)
        if news and not task.undone:
            self._reopen(alert, incident, task, cause)
        elif news and never_called and change is not Change.HAZARD:
            transitions.call_out(task, self._now)
            self._summons.first_call(task, incident)
        if change is Change.HAZARD or wider:
            self._worsen(alert, incident, task, cause, calls=calls, wider=wider)
        elif change is Change.SEVERITY:
            self._rise(alert, incident, task, cause, before=before, calls=news, told=told)
        if task.others_at is not None and alert.sensed:
            facts = call_others(
                self._register, incident, task, Ground.SENSOR, ids=self._ids, now=self._now, summons=self._summons
            )
            self._chronicle.say(Kind.OTHERS_JOINED, alert, incident, cause, facts, subject=task.id)
        if news and task.others_at is None:
            fire.await_word(task, self._now)
            self._corroborate(alert, incident, task, cause)

    def _end_hold(self, alert: Alert, incident: Incident, task: Task, cause: str) -> None:
        """A new alert ends a wait: what was known when it began is not all there is."""
        if task.state is TaskState.PENDING:
            transitions.end_hold(task, self._now)
            self._chronicle.say(Kind.HOLD_ENDED, alert, incident, cause, {"ground": "new_alert"}, subject=task.id)
            self._summons.one(task, incident, task.responsible_id, Reason.HOLD_ENDED)

    def _reopen(self, alert: Alert, incident: Incident, task: Task, cause: str) -> None:
        transitions.begin_again(task, self._now)
        known = self._uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        alerts = [alert, *(other for other in known if other.id != alert.id)]
        # A person's word proves no sensor quiet.
        task.quiet_since = None if any(disturbs(one, incident.hazard) for one in alerts) else self._now
        incident.closed_at = None
        if incident.hazard == fire.PRESUMED:
            # What was presumed of the last alarm was looked into; this one is judged by itself.
            incident.hazard = task.hazard = alert.fingerprint.hazard
        task.presumed_at = None
        data = {"count": task.reopened_count}
        self._chronicle.say(Kind.TASK_REOPENED, alert, incident, cause, data, subject=task.id)
        self._summons.again(task, incident, Reason.REOPENED)

    def _worsen(
        self, alert: Alert, incident: Incident, task: Task, cause: str, *, calls: bool, wider: bool = False
    ) -> None:
        """Another hazard governs. Where it came late and is over, the task follows it, and nobody is called for it."""
        routing = self._route(incident, alert)
        change = worsening.worsen if calls else worsening.follow_late
        change(task, incident.hazard, routing, life_safety=incident.life_safety, now=self._now, new_id=self._new_id)
        incident.closed_at = None
        kind = Kind.INCIDENT_WIDENED if wider else Kind.INCIDENT_WORSENED if calls else Kind.LATE_NEWS
        told = {"place": incident.place_id} if wider else None
        since = {"since": alert.started_at.isoformat()} if alert.started_at and not calls else None
        self._chronicle.say(kind, alert, incident, cause, told or since)
        self._chronicle.routed(task, routing, cause)
        for draft in keep_out(self._register, incident, task, now=self._now, cause=cause, summons=self._summons):
            self._chronicle.add(draft)
        if calls:
            self._summons.again(task, incident, Reason.WORSENED)

    def _rise(
        self, alert: Alert, incident: Incident, task: Task, cause: str, *, before: Severity, calls: bool, told: bool
    ) -> None:
        """The same hazard, but graver. Only where the matrix has another duty for that, others are asked."""
        data = {"from": before.value, "severity": incident.severity.value}
        self._chronicle.say(Kind.SEVERITY_RISEN, alert, incident, cause, data)
        routing = self._route(incident, alert)
        if calls and routing.duty.id != self._route(incident, alert, before).duty.id:
            worsening.worsen(
                task, incident.hazard, routing, life_safety=incident.life_safety, now=self._now, new_id=self._new_id
            )
            self._chronicle.routed(task, routing, cause)
            self._summons.again(task, incident, Reason.WORSENED)
        elif calls and not told:
            self._summons.again(task, incident, Reason.SEVERITY_RISEN)

    def _corroborate(self, alert: Alert, incident: Incident, task: Task, cause: str) -> None:
        """A second alarm in the building while one fires makes both a presumed fire, once."""
        known = self._uow.alerts.of_incidents([incident.id]).get(incident.id, ())
        draft = corroborate(
            self._register, incident, task, [alert, *(other for other in known if other.id != alert.id)], ids=self._ids,
            now=self._now, actor="system", cause=cause, summons=self._summons,
        )  # fmt: skip
        if draft is not None:
            self._chronicle.add(draft)

    def _route(self, incident: Incident, alert: Alert, severity: Severity | None = None) -> Routing:
        equipment = self._register.equipment.get(alert.fingerprint.equipment)
        foreign = equipment is not None and equipment.node_id not in (None, alert.node_id)
        known = self._register.knows(alert.fingerprint.equipment) and not foreign
        return route(
            self._register, incident.hazard, incident.place_id, self._now,
            severity=severity or incident.severity, known=known,
            appointed=appointment(self._register, incident.hazard, incident.equipment_id),
        )  # fmt: skip

    def _new_id(self) -> str:
        return self._ids.new(self._now)
