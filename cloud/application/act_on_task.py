"""A person acts on a task: acknowledge, start, resolve, close, reopen, add a note."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import Note
from cloud.application.summons import Summons
from cloud.domain import transitions
from cloud.domain.actions import Action, allowed_actions, refusal
from cloud.domain.alert import Ended
from cloud.domain.assignment import AssignmentRole
from cloud.domain.ledger import Draft, Kind
from cloud.domain.notification import Reason
from cloud.domain.party import Member
from cloud.domain.task import ResolutionReason, Task, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound

MAX_NOTE = 4000


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it: the task's new state and revision, what the member may do next, and the ledger's sequence."""

    task_id: str
    incident_id: str
    state: TaskState
    revision: int
    allowed: tuple[Action, ...]
    seq: int


@dataclass(frozen=True, slots=True)
class _Deed:
    """Who does it, to which task, when, and what brought it about."""

    task: Task
    member: Member
    now: datetime
    cause: str | None

    def draft(self, kind: Kind, data: dict[str, Any]) -> Draft:
        facts = {**data, "party": self.member.party_id, "state": self.task.state.value}
        by = f"member:{self.member.id}"
        return Draft(kind, self.now, by, self.task.incident_id, self.task.id, self.cause, facts)


class ActOnTask:
    """Every deed is one unit of work: check, change, write the ledger, commit. `note`: words that belong to the deed; they
    are taken with it or not at all. `revision`: the one the person saw (`If-Match`); None acts on whatever is there. `cause` names the request.
    Raises NotFound, NotAllowed, Conflict, Invalid, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def acknowledge(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """The member's party accepts its part; when it leads, the task is acknowledged."""

        def deed(task: Task, member: Member, now: datetime) -> tuple[Kind, dict[str, Any]]:
            part = transitions.acknowledge(task, member, now)
            lead = part.role is AssignmentRole.LEAD
            return (Kind.TASK_ACKNOWLEDGED if lead else Kind.PARTY_JOINED), {"role": part.role.value}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def start(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """Work begins on site."""

        def deed(task: Task, member: Member, now: datetime) -> tuple[Kind, dict[str, Any]]:
            transitions.start(task, member, now)
            return Kind.TASK_STARTED, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def resolve(
        self,
        task_id: str,
        member_id: str,
        reason: ResolutionReason,
        *,
        revision: int | None = None,
        note: str = "",
        cause: str | None = None,
    ) -> Acted:
        """The claim that it is done, and in which sense."""

        def deed(task: Task, member: Member, now: datetime) -> tuple[Kind, dict[str, Any]]:
            transitions.resolve(task, member, reason, now)
            return Kind.TASK_RESOLVED, {"reason": reason.value}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def close(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """It is verified."""

        def deed(task: Task, member: Member, now: datetime) -> tuple[Kind, dict[str, Any]]:
            transitions.close(task, member, now)
            checks = [check.need.value for check in task.checks]
            return Kind.TASK_CLOSED, {
                "checks": checks,
                "reason": task.resolution.reason.value if task.resolution else None,
            }

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def reopen(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """It is not over."""

        def deed(task: Task, member: Member, now: datetime) -> tuple[Kind, dict[str, Any]]:
            transitions.reopen(task, member, now)
            return Kind.TASK_REOPENED, {"count": task.reopened_count}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def note(self, task_id: str, member_id: str, text: str, *, public: bool = False, cause: str | None = None) -> Acted:
        """Words on the timeline; the ledger keeps their salted digest, so they can be erased without breaking it."""
        if not text.strip():
            raise Invalid("The note was not taken.", [f"text: write 1 to {MAX_NOTE} characters, not 0"])
        with self._units.writing() as uow:
            now = self._clock.now()
            task, member = self._load(uow, task_id, member_id)
            refused = refusal(Action.NOTE, task, member, now)
            if refused is not None:
                raise NotAllowed(refused.text.en, refused.text.zh)
            if task.decay_at is not None:
                task.shows_work(now)
                uow.tasks.save(task)
            deed = _Deed(task, member, now, cause)
            return self._record(uow, deed, [self._noted(uow, deed, text, public=public)])

    def _noted(self, uow: UnitOfWork, deed: _Deed, text: str, *, public: bool = False) -> Draft:
        words = text.strip()
        if len(words) > MAX_NOTE:
            raise Invalid("The note was not taken.", [f"text: write 1 to {MAX_NOTE} characters, not {len(words)}"])
        salt = secrets.token_hex(16)
        member, now = deed.member, deed.now
        note = Note(self._ids.new(now), deed.task.incident_id, member.id, member.party_id, now, words, public, salt)
        uow.notes.put(note)
        digest = hashlib.sha256(f"{salt}{words}".encode()).hexdigest()
        return deed.draft(Kind.NOTE_ADDED, {"note": note.id, "digest": digest, "public": public})

    def _act(
        self,
        task_id: str,
        member_id: str,
        deed: Callable[[Task, Member, datetime], tuple[Kind, dict[str, Any]]],
        *,
        revision: int | None,
        note: str,
        cause: str | None,
    ) -> Acted:
        with self._units.writing() as uow:
            now = self._clock.now()
            task, member = self._load(uow, task_id, member_id)
            if revision is not None and revision != task.revision:
                raise Conflict(
                    f"Task {task_id} has changed since you saw it (revision {task.revision}, yours {revision}). Reload it.",
                    "任务已被他人更新，请刷新后再操作",
                )
            kind, data = deed(task, member, now)
            self._follow_incident(uow, task, now)
            uow.tasks.save(task)
            if kind is Kind.TASK_REOPENED:
                self._call_back(uow, task, now)
            done = _Deed(task, member, now, cause)
            drafts = [done.draft(kind, data)]
            if note.strip():
                drafts.append(self._noted(uow, done, note))
            return self._record(uow, done, drafts)

    def _call_back(self, uow: UnitOfWork, task: Task, now: datetime) -> None:
        """Whoever has a part is told that it is not over: those asked again would otherwise learn it from the ladder."""
        register, incident = uow.registers.find(task.estate), uow.incidents.get(task.incident_id)
        if register is None or incident is None:
            return
        summons = Summons(register, self._ids, now)
        summons.again(task, incident, Reason.REOPENED)
        uow.outbox.put(summons.notifications)

    @staticmethod
    def _follow_incident(uow: UnitOfWork, task: Task, now: datetime) -> None:
        """An incident is open until its task is closed; what its node lost track of ends then, since people have looked."""
        incident = uow.incidents.get(task.incident_id)
        if incident is None or (incident.closed_at is None) is task.open:
            return
        incident.closed_at = None if task.open else now
        uow.incidents.save(incident)
        if task.open or not task.track_lost:
            return
        task.track_lost = False
        for alert in uow.alerts.of_incidents([incident.id]).get(incident.id, ()):
            for occurrence in [o for o in alert.occurrences.values() if o.active and o.ended is Ended.LOST_TRACK]:
                alert.end(occurrence.id, now, Ended.LOST_TRACK)
            uow.alerts.save(alert)

    @staticmethod
    def _load(uow: UnitOfWork, task_id: str, member_id: str) -> tuple[Task, Member]:
        task = uow.tasks.get(task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id!r}.", "没有这个任务")
        member = uow.registers.member(member_id)
        if member is None:
            raise NotFound(f"There is no member {member_id!r}.", "没有这个成员")
        return task, member

    @staticmethod
    def _record(uow: UnitOfWork, deed: _Deed, drafts: Sequence[Draft]) -> Acted:
        task = deed.task
        entry = uow.ledger.append(task.estate, drafts)[-1]
        uow.commit()
        allowed = allowed_actions(task, deed.member, deed.now)
        return Acted(task.id, task.incident_id, task.state, task.revision, allowed, entry.seq)
