"""Limits that run out on one task's parts and on its arbiter: a request expires, a breach is noted, one level up is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from cloud.application.incidents.summons import Summons
from cloud.application.tasks.seek_lead import seek_lead
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import joint_work, succession
from cloud.domain.tasks.assignment import Assignment
from cloud.domain.tasks.calls import CallKind
from cloud.domain.tasks.part_clocks import expires_at, unnoted
from cloud.domain.tasks.stepping_aside import Outcome, expire, leave_lead
from cloud.domain.tasks.task import Task

Said = tuple[Kind, dict[str, Any]]

_CALLED: Final = {
    CallKind.HELP: (Kind.HELP_ASKED, Reason.HELP_ASKED),
    CallKind.WHISTLE: (Kind.WHISTLED, Reason.WHISTLED),
}


class Lapses:
    """What of it is due at one moment. Every step gives what the ledger is to say."""

    def __init__(
        self, task: Task, incident: Incident, register: Register, *, now: datetime, new_id: Callable[[], str],
        summons: Summons,
    ) -> None:  # fmt: skip
        self._task, self._incident, self._register = task, incident, register
        self._now, self._new_id, self._summons = now, new_id, summons

    def __call__(self) -> Iterator[Said]:
        for part in tuple(self._task.assignments):
            due = expires_at(part) or part.lead_by
            if due is not None and due <= self._now:
                yield from self._expire(part)
            for clock in tuple(unnoted(part)):
                if clock.due_at <= self._now:
                    part.noted |= {clock.kind}
                    said = {"clock": clock.kind.value, "due": clock.due_at.isoformat(), "party": part.party_id}
                    yield Kind.PART_OVERDUE, said
        if succession.arbiter_overdue(self._task, self._now):
            yield from self._arbiter_overdue()

    def _expire(self, part: Assignment) -> Iterator[Said]:
        """No answer in time: where it was the lead another is sought; else whoever had asked is told."""
        task, now = self._task, self._now
        calls = task.open_calls(part.party_id) if not part.joined else []
        offered = [other.party_id for other in task.assignments if other.handing_to == part.party_id]
        outcome = leave_lead(task, part, now) if part.joined else expire(task, part, now)
        facts: dict[str, Any] = {"party": part.party_id, "role": part.role.value}
        if outcome is Outcome.LEAD_WANTED:
            sought = seek_lead(
                task, self._incident, self._register, now=now, new_id=self._new_id, summons=self._summons
            )
            yield Kind.REQUEST_EXPIRED, {**facts, "asked": sought.lead.id if sought.lead else None}
            if sought.arbiter is not None:
                yield Kind.ARBITER_ASKED, {"party": sought.arbiter.id}
            return
        yield Kind.REQUEST_EXPIRED, facts
        for caller in dict.fromkeys([*offered, *(call.caller_id for call in calls)]):
            self._summons.one(task, self._incident, caller, Reason.NOT_ANSWERED)
        for call in calls:
            yield from ask_instead(
                task, call.id, self._incident, self._register, now=now, new_id=self._new_id, summons=self._summons
            )

    def _arbiter_overdue(self) -> Iterator[Said]:
        dispute = self._task.arbitration
        assert dispute is not None
        higher = succession.pass_over_arbiter(
            self._task, self._register, self._incident.place_id, self._now, self._new_id
        )
        yield Kind.ARBITER_OVERDUE, {"party": dispute.arbiter_id, "asked": higher.id if higher else None}
        reminded = higher.id if higher else dispute.arbiter_id
        self._summons.one(self._task, self._incident, reminded, Reason.ARBITER_ASKED)
        if higher is not None:
            yield Kind.ARBITER_ASKED, {"party": higher.id}


def ask_instead(
    task: Task, call_id: str, incident: Incident, register: Register, *, now: datetime, new_id: Callable[[], str],
    summons: Summons,
) -> Iterator[Said]:  # fmt: skip
    """A party that was found by its capability does not come: the next that has it is called in its place."""
    call = next(call for call in task.calls if call.id == call_id)
    wanted = joint_work.next_able(task, call, register, incident.place_id, now)
    if wanted is None:
        return
    joint_work.ask_instead(task, call, wanted, now, new_id)
    kind, reason = _CALLED[call.kind]
    summons.one(task, incident, wanted.party.id, reason)
    facts = {"party": call.caller_id, "to": [wanted.party.id], "capabilities": [wanted.capability]}
    yield kind, {**facts, "ground": call.ground.value if call.ground else None}
