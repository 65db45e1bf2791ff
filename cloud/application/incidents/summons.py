"""Who is told what: notifications for the parties of a task, left in the outbox of the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from cloud.application.ports import Ids
from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.party import Party
from cloud.domain.community.place import PlaceKind
from cloud.domain.duties.escalation import Importance, Step
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Only
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.notification import Notification, Reason
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard

_ASKED = {
    AssignmentRole.LEAD: Reason.ASKED_TO_LEAD,
    AssignmentRole.SUPPORT: Reason.ASKED_TO_SUPPORT,
    AssignmentRole.OBSERVER: Reason.TOLD,
}


_LEFT = frozenset({AssignmentState.DECLINED, AssignmentState.TRANSFERRED, AssignmentState.RELEASED})


def _has_left(task: Task, part: Assignment) -> bool:
    """Whether nothing more is asked of it. Who declined and is responsible still, nobody else having accepted, has not left."""
    return part.state in _LEFT and part.party_id != task.responsible_id


class Summons:
    """Gathers the notifications of one unit of work."""

    def __init__(self, register: Register, ids: Ids, now: datetime) -> None:
        self._register, self._ids, self._now = register, ids, now
        self.notifications: list[Notification] = []

    def first_call(self, task: Task, incident: Incident) -> None:
        """Everybody with a part is told which part it is."""
        for part in task.assignments:
            self.one(task, incident, part.party_id, _ASKED[part.role])

    def called(self, task: Task, incident: Incident, parties: Iterable[str]) -> None:
        """These are told which part they have."""
        for party_id in parties:
            part = task.part_of(party_id)
            assert part is not None, f"{party_id} was called without a part"
            self.one(task, incident, party_id, _ASKED[part.role])

    def again(self, task: Task, incident: Incident, reason: Reason) -> None:
        """Everybody with a part is told that things have changed; but for whom that would send into a fire, and who has left
        theirs to others: where life is at stake they are told all the same, since late help is help.
        """
        # What was declined before it turned real was a drill.
        all_the_same = task.life_safety or reason is Reason.TURNED_REAL
        for part in task.assignments:
            if not self._kept_out(incident, part) and (all_the_same or not _has_left(task, part)):
                self.one(task, incident, part.party_id, reason)

    def one(self, task: Task, incident: Incident, party_id: str, reason: Reason) -> None:
        self._put(task, incident, self._register.party(party_id), reason, self._weight(task, reason))

    def climbed(
        self, task: Task, incident: Incident, party: Party, step: Step, *, reason: Reason, only: tuple[Only, ...] = ()
    ) -> None:
        """A step of the ladder calls it, or `only` some of its people, as gravely as the step says."""
        self._put(task, incident, party, reason, self._of_step(task, step), only=only)

    def first(self, task: Task, incident: Incident, party_id: str, reason: Reason) -> None:
        """Told before everybody else."""
        self.one(task, incident, party_id, reason)
        self.notifications.insert(0, self.notifications.pop())
        # Of one moment they go out in the order of their ids.
        ids = sorted(one.id for one in self.notifications)
        self.notifications = [replace(one, id=id_) for one, id_ in zip(self.notifications, ids, strict=True)]

    def call_fire_rescue(self, task: Task, incident: Incident) -> None:
        """A fire is presumed: everybody who was called is told to phone the fire service, with the address to read out."""
        number = rescue_number(self._register.estate.days.region)
        for part in task.assignments:
            if self._kept_out(incident, part):
                continue
            party = self._register.party(part.party_id)
            self._put(task, incident, party, Reason.FIRE_PRESUMED, Importance.EMERGENCY, phone=number)

    def taken(self) -> list[Notification]:
        """What was gathered so far; from here on it begins anew."""
        gathered, self.notifications = self.notifications, []
        return gathered

    def call_sheet(self, task: Task, incident: Incident, numbers: Iterable[Party], step: Step) -> None:
        """Whoever has work in it is told to dial: the lead may be the very one who does not answer. Nobody phones themselves,
        and the program never dials.
        """
        working = [part for part in task.assignments if part.works and not self._kept_out(incident, part)]
        there = [self._register.party(part.party_id) for part in working]
        for outside in numbers:
            for party in (one for one in there if one.id != outside.id):
                weight = self._of_step(task, step)
                self._put(task, incident, party, Reason.CALL_SHEET, weight, phone=outside.phone)

    def _kept_out(self, incident: Incident, part: Assignment) -> bool:
        """Whether it took part in what has come to burn since, and is told to stay away instead."""
        away = part.works or part.state is not AssignmentState.REQUESTED
        return away and self._register.party(part.party_id).keeps_out(incident.hazard)

    @staticmethod
    def _of_step(task: Task, step: Step) -> Importance:
        return Importance.NORMAL if task.mode == "exercise" else step.weight(life_safety=task.life_safety)

    @staticmethod
    def _weight(task: Task, reason: Reason) -> Importance:
        """Whoever is merely told of life safety, or told more of it, hears of it at once, past quiet hours, but is not rung."""
        merely = reason is Reason.TOLD and not task.life_safety
        if task.mode == "exercise" or merely or reason is Reason.RELEASED:
            return Importance.NORMAL
        if reason in {Reason.TOLD, Reason.REPORTER_SAID}:
            return Importance.HIGH
        return Importance.EMERGENCY if task.life_safety else Importance.HIGH

    def _put(
        self,
        task: Task,
        incident: Incident,
        party: Party,
        reason: Reason,
        importance: Importance,
        *,
        phone: str | None = None,
        only: tuple[Only, ...] = (),
    ) -> None:
        known = hazard(incident.hazard)
        exercise = incident.mode == "exercise"
        place = self._register.places.address(incident.place_id, PlaceKind.STREET if phone else PlaceKind.ESTATE)
        what = self._register.names_of(incident.equipment_id)
        self.notifications.append(
            Notification(
                id=self._ids.new(self._now),
                estate=incident.estate,
                task_id=task.id,
                incident_id=incident.id,
                party_id=party.id,
                reason=reason,
                importance=importance,
                headline=Names(
                    ("【演练】" if exercise else "") + known.zh, ("EXERCISE: " if exercise else "") + known.en
                ),
                address=from_large_to_small((place, what)),
                created_at=self._now,
                phone=phone,
                only=only,
            )
        )
