"""The people of the year: whoever is called answers as is their habit, goes there, mends it, and has another look at it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from cloud.application.messages import Message
from cloud.application.ports import UnitsOfWork
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.step_aside import StepAside
from cloud.domain.duties.register import Register
from cloud.domain.records.notification import Notification, Reason
from cloud.domain.tasks.actions import Action, allowed_actions
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from deploy.year.habits import NIGHT, habit, takes
from deploy.year.nature import KINDS, Mishap

Later = Callable[[timedelta, Callable[[], None]], None]
"""Have something done after so long."""

_CALLS: Final = frozenset(Reason) - {
    Reason.TOLD, Reason.DECLINED, Reason.HANDLED, Reason.RELEASED, Reason.CANCELLED
}  # fmt: skip
_PHONED_AND_ANSWERS: Final = 0.7
"""How often who did not hear the first call answers the phone that a person dials."""
_LOOKS_AGAIN: Final = timedelta(minutes=10)
_OFTEN_ENOUGH: Final = 20
"""Whoever cannot close it in some hours goes home, and comes when asked again; the report says so."""

_WORK: Final = {kind.hazard: kind.work for kind in KINDS}


@dataclass
class Town:
    """Hears messages as a channel does (`messages.Channel`) and acts through the use cases, like anybody.

    `mended` is told when what a task is about has been mended; `photographed` when somebody shows with a photo that a
    life-safety alarm was false.
    """

    units: UnitsOfWork
    act: ActOnTask
    aside: StepAside
    register: Register
    later: Later
    now: Callable[[], datetime]
    mended: Callable[[str], None]
    mishap_of: Callable[[str], Mishap | None]
    photographed: Callable[[str, str], object]
    chance: random.Random
    busy: set[tuple[str, str]] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)

    @property
    def carries_links(self) -> bool:
        return False

    @property
    def rings(self) -> bool:
        return False

    def deliver(self, message: Message) -> None:
        """A call comes in; what the party makes of it happens later."""
        for notification in (message.about, *message.also):
            if notification is not None:
                self._hear(notification)

    def _hear(self, notification: Notification) -> None:
        if notification.reason not in _CALLS or notification.id in self.heard:
            # A message that goes to several of a party is answered by whoever speaks for all of it.
            return
        self.heard.add(notification.id)
        party = self.register.party(notification.party_id)
        ways = habit(party.kind)
        at_night = self.register.estate.local(self.now()).hour in NIGHT
        hears = self.chance.random() < (ways.answers_at_night if at_night else ways.answers)
        delay = takes(self.chance, ways.minutes)
        dialled = notification.reason is Reason.CALL_SHEET and self.chance.random() < _PHONED_AND_ANSWERS
        declines = self.chance.random() < ways.declines
        task_id = notification.task_id
        if dialled:
            self.later(timedelta(seconds=45), lambda: self._phone_the_lead(task_id))
        if hears and notification.reason is Reason.VERIFY:
            travel = takes(self.chance, ways.travel)
            self.later(delay + travel, lambda: self._look_again(task_id, _OFTEN_ENOUGH))
        elif hears:
            self.later(delay, lambda: self._answer(task_id, party.id, declines=declines))

    def look_at_the_board(self) -> None:
        """In the morning whoever comes to work takes up what nobody answered overnight: nothing stays broken for ever."""
        with self.units.reading() as uow:
            waiting = [task for task in uow.tasks.open(self.register.estate.id) if task.state is TaskState.NEW]
        for task in waiting:
            party = self.register.party(task.responsible_id)
            delay = takes(self.chance, habit(party.kind).minutes)
            self.later(delay, partial(self._answer, task.id, party.id, declines=False))

    def _task(self, task_id: str) -> Task | None:
        with self.units.reading() as uow:
            return uow.tasks.get(task_id)

    def _may(self, task: Task, party_id: str, action: Action, which: str = "first") -> str | None:
        """The member of that party who may do it now."""
        member = self.register.members.get(f"{party_id}-{which}")
        return member.id if member is not None and action in allowed_actions(task, member, self.now()) else None

    def _phone_the_lead(self, task_id: str) -> None:
        task = self._task(task_id)
        if task is not None and task.state is TaskState.NEW:
            self._answer(task_id, task.responsible_id, declines=False)

    def _answer(self, task_id: str, party_id: str, *, declines: bool) -> None:
        task = self._task(task_id)
        if task is None:
            return
        part = task.part_of(party_id)
        if declines and part is not None and (member := self._may(task, party_id, Action.DECLINE)):
            self.aside.decline(task_id, member, "not within our contract" if not task.life_safety else "")
        elif member := self._may(task, party_id, Action.ACKNOWLEDGE):
            self.act.acknowledge(task_id, member)
            self._set_out(task_id, party_id)

    def _set_out(self, task_id: str, party_id: str) -> None:
        if (task_id, party_id) in self.busy:
            return
        self.busy.add((task_id, party_id))
        travel = takes(self.chance, habit(self.register.party(party_id).kind).travel)
        self.later(travel, lambda: self._arrive(task_id, party_id))

    def _arrive(self, task_id: str, party_id: str) -> None:
        self.busy.discard((task_id, party_id))
        task = self._task(task_id)
        if task is None or not (member := self._may(task, party_id, Action.START)):
            return
        self.act.start(task_id, member)
        if task.lead.party_id == party_id:
            work = takes(self.chance, _WORK.get(task.hazard, 30))
            self.later(work, lambda: self._mend(task_id, party_id))

    def _mend(self, task_id: str, party_id: str) -> None:
        task = self._task(task_id)
        if task is None:
            return
        mishap = self.mishap_of(task.incident_id)
        self.mended(task.incident_id)
        if member := self._may(task, party_id, Action.RESOLVE):
            false = mishap is not None and mishap.false
            if false and task.life_safety and not self._shows(task, party_id, member):
                return
            self.act.resolve(task_id, member, ResolutionReason.FALSE_ALARM if false else ResolutionReason.FIXED)
            self.later(task.duty.resolve_delay + takes(self.chance, 20), lambda: self._look_again(task_id))

    def _shows(self, task: Task, party_id: str, member: str) -> bool:
        """A photo of what there is to see, from who is there. Whoever was asked anew meanwhile (what they had said had
        lapsed) says first that they are on site, as the floor wants it.
        """
        part = task.part_of(party_id)
        if part is None or not part.has_there(member):
            if self._may(task, party_id, Action.START) is None:
                return False
            self.act.start(task.id, member)
        self.photographed(task.id, member)
        return True

    def _look_again(self, task_id: str, times: int = 0) -> None:
        """Somebody else of a party that worked closes it; while it may not be closed yet, later."""
        task = self._task(task_id)
        if task is None or task.state is not TaskState.RESOLVED:
            return
        for part in sorted(task.assignments, key=lambda part: part.role is not AssignmentRole.LEAD):
            member = self._may(task, part.party_id, Action.CLOSE, "second")
            if member is not None:
                self.act.close(task_id, member)
                return
        if times < _OFTEN_ENOUGH:
            self.later(_LOOKS_AGAIN * (times + 1), lambda: self._look_again(task_id, times + 1))
