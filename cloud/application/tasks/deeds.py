"""What every deed of a person has in common: one unit of work that checks, changes, tells, writes the ledger and commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from cloud.application.estates.family import as_family
from cloud.application.incidents import duty_room
from cloud.application.incidents.close_matter import close_matter
from cloud.application.incidents.summons import Summons
from cloud.application.incidents.uncover import uncover
from cloud.application.notices.withdraw import Answer, Withdraw
from cloud.application.once_more import on_what_is_there
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import Note
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import digest, new_salt
from cloud.domain.tasks.actions import Action, acting, allowed_actions
from cloud.domain.tasks.joint_refusals import may_whistle
from cloud.domain.tasks.sight import concern_of, outlook
from cloud.domain.tasks.stand_down_refusals import may_cancel
from cloud.domain.tasks.task import Task, TaskState
from cloud.errors import Conflict, Invalid, NotFound

MAX_NOTE = 4000

_ANSWERS: Final = frozenset(
    {
        Kind.TASK_ACKNOWLEDGED,
        Kind.PARTY_JOINED,
        Kind.TASK_STARTED,
        Kind.TASK_RESOLVED,
        Kind.TASK_CLOSED,
        Kind.TASK_CHECKED,
        Kind.TASK_REOPENED,
        Kind.TASK_CANCELLED,
        Kind.DECLINED,
    }
)
_OVER: Final = frozenset(
    {Kind.TASK_RESOLVED, Kind.TASK_CLOSED, Kind.TASK_CHECKED, Kind.TASK_REOPENED, Kind.TASK_CANCELLED}
)
"""Whatever was asked until then is asked no more: it is said to be done, was looked at, or is asked anew."""

_UNCOVERS: Final = frozenset({Kind.TASK_CLOSED, Kind.TASK_REOPENED, Kind.TASK_CANCELLED, Kind.MERGED, Kind.UNMERGED})
"""Whatever it hid may be hidden by nothing any more, or by another; and so may it be itself."""

_UNSAID: Final = frozenset({Kind.DECLINED, Kind.TASK_REOPENED, Kind.TASK_CANCELLED})
"""Nobody is handling it on that account; who has to know hears it in other words."""


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
class Deed:
    """Who does it, to which task, when, and what brought it about; whom it makes known to, and what else comes of it."""

    task: Task
    member: Member
    now: datetime
    cause: str | None
    register: Register
    incident: Incident
    ids: Ids
    summons: Summons
    uow: UnitOfWork
    further: list[Draft] = field(default_factory=list)

    @property
    def whistles(self) -> bool:
        return may_whistle(self.register, self.member, self.incident.place_id)

    @property
    def cancels(self) -> bool:
        return may_cancel(self.register, self.member, self.incident.place_id)

    def sees(self, task: Task) -> bool:
        """Whether another task is there for who does it."""
        return _sees(self.uow, self.member, task)

    def new_id(self) -> str:
        return self.ids.new(self.now)

    def draft(self, kind: Kind, data: dict[str, Any]) -> Draft:
        facts = {**data, "party": self.member.party_id, "state": self.task.state.value}
        by = f"member:{self.member.id}"
        return Draft(kind, self.now, by, self.task.incident_id, self.task.id, self.cause, facts)

    def follows(self, kind: Kind, data: dict[str, Any]) -> None:
        """What the program does on account of it."""
        self.further.append(Draft(kind, self.now, "system", self.task.incident_id, self.task.id, self.cause, data))


Following = Callable[[UnitOfWork, Deed, Kind], Sequence[Draft]]
"""What follows a deed, in its unit of work; what it returns goes to the ledger with it."""


def nothing_follows(uow: UnitOfWork, deed: Deed, kind: Kind) -> Sequence[Draft]:
    del uow, deed, kind
    return ()


class Deeds:
    """Every deed is one unit of work. `note`: words that belong to it; they are taken with it or not at all. `revision`:
    the one the person saw (`If-Match`); None acts on whatever is there. `cause` names the request. `following`: what
    follows each deed (credit).

    Raises NotFound, NotAllowed, Conflict, Invalid, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, following: Following = nothing_follows) -> None:
        self._units, self._clock, self._ids, self._following = units, clock, ids, following

    def _noted(self, uow: UnitOfWork, deed: Deed, text: str, *, public: bool = False) -> Draft:
        words = text.strip()
        if len(words) > MAX_NOTE:
            raise Invalid("The note was not taken.", [f"text: write 1 to {MAX_NOTE} characters, not {len(words)}"])
        salt = new_salt()
        member, now = deed.member, deed.now
        note = Note(self._ids.new(now), deed.task.incident_id, member.id, member.party_id, now, words, public, salt)
        uow.notes.put(note)
        facts = {"note": note.id, "digest": digest(salt, words), "public": public}
        return deed.draft(Kind.NOTE_ADDED, facts)

    def _act(
        self,
        task_id: str,
        member_id: str,
        deed: Callable[[Deed], tuple[Kind, dict[str, Any]]],
        *,
        revision: int | None,
        note: str,
        cause: str | None,
        party: str | None = None,
    ) -> Acted:
        """`party`: as whose member they act; None: of the one that has most to do in it. Who says which state they saw is
        told when it is no more; whoever does not, acts on whatever is there, so that another writer who is faster does not
        undo a person's answer: it is judged once more by what that one left.
        """

        def once() -> Acted:
            return self._once(task_id, member_id, deed, revision=revision, note=note, cause=cause, party=party)

        return on_what_is_there(once) if revision is None else once()

    def _once(
        self, task_id: str, member_id: str, deed: Callable[[Deed], tuple[Kind, dict[str, Any]]], *,
        revision: int | None, note: str, cause: str | None, party: str | None,
    ) -> Acted:  # fmt: skip
        with self._units.writing() as uow:
            now = self._clock.now()
            task, member = self._load(uow, task_id, member_id)
            member = member.as_of(party) if party else member
            if revision is not None and revision != task.revision:
                raise Conflict(
                    f"Task {task_id} has changed since you saw it (revision {task.revision}, yours {revision}). "
                    "Look at what is new; if it still holds, say it again.",
                    "任务刚被他人更新，请查看最新内容；如仍需操作，请再次提交",
                )
            doing = self._deed(uow, task, member, now, cause)
            waited = task.state is TaskState.NEW
            kind, data = deed(doing)
            task.heard_from(member.party_id, now)
            self._hush(doing, kind, waited=waited)
            self._follow_incident(uow, task, now)
            uow.tasks.save(task)
            self._withdraw(uow, doing, kind)
            drafts = [doing.draft(kind, data), *doing.further]
            if note.strip():
                drafts.append(self._noted(uow, doing, note))
            drafts += self._following(uow, doing, kind)
            return self._record(uow, doing, drafts)

    @staticmethod
    def _hush(doing: Deed, kind: Kind, *, waited: bool) -> None:
        """A call sheet sounds until a named person has accepted, until the lead is there where it was not, or until it is
        over: a claim silences nothing. What was merged while nobody had accepted what it went into sounds on.
        """
        task, member = doing.task, doing.member
        accepted = waited and task.undone and task.state is not TaskState.NEW
        there = kind is Kind.TASK_STARTED and task.responsible_id == member.party_id
        into = doing.uow.tasks.of_incident(task.merged_into) if task.merged_into else None
        over = not task.open and (into is None or into.state is not TaskState.NEW)
        if task.life_safety and (accepted or there or over):
            by = f"member:{member.id}"
            doing.further.extend(duty_room.hush(doing.uow, doing.incident, by=by, cause=doing.cause, now=doing.now))

    def _deed(self, uow: UnitOfWork, task: Task, member: Member, now: datetime, cause: str | None) -> Deed:
        register, incident = uow.registers.find(task.estate), uow.incidents.get(task.incident_id)
        assert register is not None, f"estate {task.estate} has lost its register"
        assert incident is not None, f"task {task.id} has lost its incident"
        return Deed(task, member, now, cause, register, incident, self._ids, Summons(register, self._ids, now), uow)

    @staticmethod
    def _follow_incident(uow: UnitOfWork, task: Task, now: datetime) -> None:
        """An incident is open until its task is over."""
        incident = uow.incidents.get(task.incident_id)
        if incident is None or (incident.closed_at is None) is task.open:
            return
        if not task.open:
            close_matter(uow, task, now)
            return
        incident.closed_at = None
        uow.incidents.save(incident)

    def _withdraw(self, uow: UnitOfWork, doing: Deed, kind: Kind) -> None:
        """Who was to be asked what this deed has answered is asked no more, and told by whom."""
        looks = kind is Kind.LOOK_PROMISED
        if kind not in _ANSWERS and not looks:
            return
        party = doing.member.party_id
        names = None if kind in _UNSAID else doing.register.party(party).names
        lead = kind is Kind.TASK_ACKNOWLEDGED or (kind is Kind.TASK_STARTED and doing.task.responsible_id == party)
        over = kind in _OVER
        answer = Answer(party, doing.member.id, names, doing.cause)
        Withdraw(uow, self._ids, doing.task, answer, doing.now).answered(lead=lead, over=over, looks=looks)

    def _load(self, uow: UnitOfWork, task_id: str, member_id: str) -> tuple[Task, Member]:
        self._hold(uow, task_id)
        return self._seen(uow, task_id, member_id)

    @staticmethod
    def _hold(uow: UnitOfWork, task_id: str) -> None:
        estate = uow.tasks.estate_of(task_id)
        if estate is not None:
            uow.ledger.hold(estate)

    @staticmethod
    def _seen(uow: UnitOfWork, task_id: str, member_id: str) -> tuple[Task, Member]:
        """Raises NotFound where there is no such task for them."""
        task = uow.tasks.get(task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id!r}.", "没有这个任务")
        member = uow.registers.member(member_id)
        if member is None:
            raise NotFound(f"There is no member {member_id!r}.", "没有这个成员")
        if not _sees(uow, member, task):
            raise NotFound(f"There is no task {task_id!r}.", "没有这个任务")
        return task, acting(task, as_family(uow, member, task) or member)

    def _record(self, uow: UnitOfWork, deed: Deed, drafts: Sequence[Draft]) -> Acted:
        task = deed.task
        if deed.summons.notifications:
            uow.outbox.put(deed.summons.taken())
        seq = uow.ledger.append(task.estate, drafts)[-1].seq
        if any(draft.kind in _UNCOVERS for draft in drafts):
            uncover(uow, deed.register, self._ids, deed.now, deed.cause or f"{task.id}:{task.revision}")
            deed = replace(deed, task=uow.tasks.get(task.id) or task)
        uow.commit()
        return _acted(deed, seq)

    @staticmethod
    def _as_it_is(uow: UnitOfWork, deed: Deed) -> Acted:
        """The answer where there is nothing to do any more."""
        return _acted(deed, uow.ledger.head(deed.task.estate).seq)


def _sees(uow: UnitOfWork, member: Member, task: Task) -> bool:
    register, incident = uow.registers.find(task.estate), uow.incidents.get(task.incident_id)
    if register is None or incident is None:
        return False
    return outlook(register, member).sees(concern_of(task, incident.place_id))


def _acted(deed: Deed, seq: int) -> Acted:
    task = deed.task
    allowed = allowed_actions(task, deed.member, deed.now, whistles=deed.whistles, cancels=deed.cancels)
    return Acted(task.id, task.incident_id, task.state, task.revision, allowed, seq)
