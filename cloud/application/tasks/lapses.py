"""Limits that run out on one task's parts and on its arbiter: a request expires, a breach is noted, one level up is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from cloud.application.incidents.summons import Summons
from cloud.application.tasks.part_left import PartLeft, Said
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import succession
from cloud.domain.tasks.assignment import Assignment
from cloud.domain.tasks.custody import Passing
from cloud.domain.tasks.part_clocks import expires_at, unnoted
from cloud.domain.tasks.stepping_aside import Outcome, expire, leave_lead
from cloud.domain.tasks.task import Task


class Lapses:
    """What of it is due at one moment. Every step gives what the ledger is to say."""

    def __init__(
        self, task: Task, incident: Incident, register: Register, *, now: datetime, new_id: Callable[[], str],
        summons: Summons,
    ) -> None:  # fmt: skip
        self._task, self._incident, self._register = task, incident, register
        self._now, self._new_id, self._summons = now, new_id, summons
        self._part_left = PartLeft(task, incident, register, now=now, new_id=new_id, summons=summons)

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
        """No answer in time: where it was the lead another is sought; else whoever counted on it is told."""
        task, now = self._task, self._now
        offered = tuple(other.party_id for other in task.assignments if other.handing_to == part.party_id)
        # Who was asked to lead as well holds a part already, or has done it by now.
        outcome = leave_lead(task, part, now) if part.lead_by is not None else expire(task, part, now)
        left = self._part_left(part.party_id, Passing.EXPIRED, outcome, offered=offered)
        asked = {"asked": left.lead.id if left.lead else None} if outcome is Outcome.LEAD_WANTED else {}
        yield Kind.REQUEST_EXPIRED, {"party": part.party_id, "role": part.role.value, **asked}
        yield from left.said

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
