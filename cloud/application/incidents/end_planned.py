"""An exercise or a maintenance window ends, by its time or by a person; what still fires is everybody's matter then."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.circumstances import other_mode
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.summons import Summons
from cloud.application.incidents.turn_real import make_real
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
        ended = window.ended(self._now)
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
        if incident is None or task is None or not task.open or task.mode == "real":
            alert.fingerprint, alert.incident_id = other_mode(alert.fingerprint), None
            consequences = Consequences(self._uow, self._register, self._ids, self._now, self._actor)
            consequences.released(alert, cause)
            consequences.settle()
            return
        summons = Summons(self._register, self._ids, self._now)
        make_real(self._uow, incident, task, summons, self._now)
        self._uow.incidents.save(incident)
        self._uow.tasks.save(task)
        self._uow.outbox.put(summons.taken())
        facts = {"party": task.responsible_id, "ground": "still_firing"}
        self._say(Draft(Kind.EXERCISE_REAL, self._now, self._actor, incident.id, task.id, cause, facts))

    def _say(self, draft: Draft) -> None:
        self._uow.ledger.append(self._register.estate.id, [draft])
