"""An exercise or a maintenance window ends, by its time or by a person; what still fires is everybody's matter then."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.summons import Summons
from cloud.application.incidents.turn_real import make_real, note_quiet, stands_in_earnest, take_real
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.ledger import Draft, Kind


class EndPlanned:
    """Within one unit of work, which the caller commits."""

    def __init__(self, uow: UnitOfWork, register: Register, ids: Ids, now: datetime, actor: str) -> None:
        self._uow, self._register, self._ids, self._now, self._actor = uow, register, ids, now, actor

    def exercise(self, exercise: Exercise, cause: str) -> Exercise:
        ended = exercise.ended(self._now)
        self._uow.exercises.save(ended)
        facts = {"exercise": exercise.id, "count": len(exercise.equipment)}
        self._say(Draft(Kind.EXERCISE_ENDED, self._now, self._actor, None, exercise.id, cause, facts))
        firing = self._uow.alerts.firing(exercise.estate)
        for alert in firing:
            if alert.fingerprint.mode == "exercise" and alert.fingerprint.equipment in exercise.equipment:
                self._goes_on(alert, cause)
        return ended

    def window(self, window: Window, cause: str) -> Window:
        who, _, member = self._actor.partition(":")
        ended = window.ended(self._now, member if who == "member" else None)
        self._uow.windows.save(ended)
        held = [one for one in self._uow.alerts.firing(window.estate) if one.suppressed_by == window.mark]
        consequences = Consequences(self._uow, self._register, self._ids, self._now, self._actor)
        facts = {"window": window.id, "party": window.party_id, "held": window.held, "count": len(held)}
        consequences.note(Draft(Kind.WINDOW_ENDED, self._now, self._actor, None, window.id, cause, facts))
        for alert in held:
            consequences.released(alert, cause)
        consequences.settle()
        return ended

    def _goes_on(self, alert: Alert, cause: str) -> None:
        """What an exercise raised and does not clear with it is no exercise."""
        incident = self._uow.incidents.get(alert.incident_id or "")
        task = self._uow.tasks.of_incident(incident.id) if incident else None
        drill = task if task is not None and task.open and task.mode == "exercise" else None
        if incident is None or drill is None or stands_in_earnest(self._uow, alert):
            self._joins_what_is_real(alert, cause)
            if incident is not None and drill is not None:
                note_quiet(self._uow, incident, drill, self._now)
                self._uow.tasks.save(drill)
            return
        summons = Summons(self._register, self._ids, self._now)
        presumed = make_real(
            self._uow, self._register, incident, drill, ids=self._ids, now=self._now, cause=cause, summons=summons
        )
        self._uow.incidents.save(incident)
        self._uow.tasks.save(drill)
        self._uow.outbox.put(summons.taken())
        facts = {"party": drill.responsible_id, "ground": "still_firing"}
        self._say(Draft(Kind.EXERCISE_REAL, self._now, self._actor, incident.id, drill.id, cause, facts), *presumed)

    def _joins_what_is_real(self, alert: Alert, cause: str) -> None:
        """The drill is over, or the same is a real matter already: it belongs to that one, or to one of its own."""
        real = take_real(self._uow, alert)
        if real is alert:
            alert.incident_id = None
        consequences = Consequences(self._uow, self._register, self._ids, self._now, self._actor)
        consequences.released(real, cause)
        consequences.settle()

    def _say(self, *drafts: Draft) -> None:
        self._uow.ledger.append(self._register.estate.id, drafts)
