"""A person acts on a task: acknowledge, start, resolve, close, reopen, add a note."""

from __future__ import annotations

from typing import Any

from cloud.application.ports import UnitOfWork
from cloud.application.tasks.after_claim import ask_to_look
from cloud.application.tasks.deeds import MAX_NOTE, Acted, Deed, Deeds
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import succession, transitions
from cloud.domain.tasks.actions import Action, refusal
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.task import ResolutionReason, Task
from cloud.domain.tasks.verification import unseen
from cloud.errors import Invalid, NotAllowed

__all__ = ["MAX_NOTE", "ActOnTask", "Acted"]


class ActOnTask(Deeds):
    """See `Deeds` for what all of them take and raise."""

    def acknowledge(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None,
        party: str | None = None,
    ) -> Acted:  # fmt: skip
        """The member's party accepts its part; when it leads, the task is acknowledged. `party`: for which of theirs the
        member was asked, where that is known.
        """

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            _relieve(doing)
            part = transitions.acknowledge(doing.task, doing.member, doing.now)
            lead = part.role is AssignmentRole.LEAD
            return (Kind.TASK_ACKNOWLEDGED if lead else Kind.PARTY_JOINED), {"role": part.role.value}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause, party=party)

    def start(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """Work begins on site."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            transitions.start(doing.task, doing.member, doing.now)
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
        """The claim that it is done, and in which sense; where a second person has to look, that one is asked at once."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            transitions.resolve(doing.task, doing.member, reason, doing.now)
            if unseen(doing.task):
                asked = ask_to_look(doing.task, doing.incident, doing.summons, doing.now)
                doing.follows(Kind.LOOK_ASKED, asked or {})
            return Kind.TASK_RESOLVED, {"reason": reason.value}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def close(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """It is verified."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            transitions.close(doing.task, doing.member, doing.now)
            task = doing.task
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

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            transitions.reopen(doing.task, doing.member, doing.now)
            # Those asked again would otherwise learn it from the ladder.
            doing.summons.again(doing.task, doing.incident, Reason.REOPENED)
            return Kind.TASK_REOPENED, {"count": doing.task.reopened_count}

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
            deed = self._deed(uow, task, member, now, cause)
            if self._said(uow, task, member, text, public=public):
                return self._as_it_is(uow, deed)
            if task.heard_from(member.party_id, now):
                uow.tasks.save(task)
            return self._record(uow, deed, [self._noted(uow, deed, text, public=public)])

    @staticmethod
    def _said(uow: UnitOfWork, task: Task, member: Member, text: str, *, public: bool) -> bool:
        """Whether the last words there are these: whoever heard no answer writes them again."""
        last = next(reversed(uow.notes.of_incident(task.incident_id)), None)
        if last is None or last.erased_at is not None:
            return False
        return (last.member_id, last.text, last.public) == (member.id, text.strip(), public)


def _relieve(doing: Deed) -> None:
    """Nobody makes a party lead by answering that may not (volunteers, a household, a body without an account): it joins
    as support.
    """
    task, register = doing.task, doing.register
    party = register.party(doing.member.party_id)
    if party.may_lead_in(task.hazard, doing.incident.place_id):
        return
    part = task.part_of(party.id)
    if part is not None:
        part.climbed_at = None  # it has become another matter since the ladder climbed to it
    if succession.relieve(task, party.id, register.fallback, doing.now, doing.new_id):
        doing.summons.one(task, doing.incident, register.fallback.id, Reason.ASKED_TO_LEAD)
