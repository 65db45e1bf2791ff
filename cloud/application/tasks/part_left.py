"""A party has left its part, by declining it or by not answering: another is sought, and who counted on it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cloud.application.incidents.summons import Summons
from cloud.application.tasks.seek_lead import seek_lead
from cloud.domain.community.party import Party
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import asking, fire, joint_work, succession
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.calls import Call, CallKind
from cloud.domain.tasks.custody import Passing
from cloud.domain.tasks.stepping_aside import Outcome
from cloud.domain.tasks.task import Task

Said = tuple[Kind, dict[str, Any]]

_CALLED: Final = {
    CallKind.HELP: (Kind.HELP_ASKED, Reason.HELP_ASKED),
    CallKind.WHISTLE: (Kind.WHISTLED, Reason.WHISTLED),
}


@dataclass(frozen=True, slots=True)
class Left:
    """What came of it: who is asked to lead, and what the ledger is to say after the leaving itself."""

    lead: Party | None = None
    said: list[Said] = field(default_factory=list)


class PartLeft:
    """On one task, within one unit of work. No answer in time counts as a decline (governance.md, Assignment), so both ways
    of leaving lead to the same.
    """

    def __init__(
        self, task: Task, incident: Incident, register: Register, *, now: datetime, new_id: Callable[[], str],
        summons: Summons,
    ) -> None:  # fmt: skip
        self._task, self._incident, self._register = task, incident, register
        self._now, self._new_id, self._summons = now, new_id, summons

    def __call__(
        self, gone: str, how: Passing, outcome: Outcome, *, claimed: Party | None = None,
        offered: Iterable[str] = (),
    ) -> Left:  # fmt: skip
        """`gone` has left by `how`. `claimed`: the party that it says is responsible; `offered`: who had asked it to take
        over the lead.
        """
        task = self._task
        fire.await_word(task, self._now)
        if outcome is Outcome.LEAD_WANTED:
            sought = seek_lead(
                task, self._incident, self._register, now=self._now, new_id=self._new_id, summons=self._summons,
                claimed=claimed,
            )  # fmt: skip
            arbiter = [(Kind.ARBITER_ASKED, {"party": sought.arbiter.id})] if sought.arbiter is not None else []
            return Left(sought.lead, arbiter)
        calls = [
            call for call in task.calls if call.party_id == gone and self._now in (call.declined_at, call.expired_at)
        ]
        reason = Reason.DECLINED if how is Passing.DECLINED else Reason.NOT_ANSWERED
        for told in dict.fromkeys([task.responsible_id, *offered, *(call.caller_id for call in calls)]):
            self._summons.one(task, self._incident, told, reason)
        said = [one for call in calls for one in self._ask_instead(call)]
        return Left(None, said or list(self._stand_in(gone)))

    def _ask_instead(self, call: Call) -> Iterator[Said]:
        """A party that was found by its capability does not come: the next that has it is called in its place."""
        task = self._task
        wanted = joint_work.next_able(task, call, self._register, self._incident.place_id, self._now)
        if wanted is None:
            return
        joint_work.ask_instead(task, call, wanted, self._now, self._new_id)
        kind, reason = _CALLED[call.kind]
        self._summons.one(task, self._incident, wanted.party.id, reason)
        facts = {"party": call.caller_id, "to": [wanted.party.id], "capabilities": [wanted.capability]}
        yield kind, {**facts, "ground": call.ground.value if call.ground else None}

    def _stand_in(self, gone: str) -> Iterator[Said]:
        """Where life is at stake whoever stands in for it by the duty is asked to support in its place, at once."""
        task = self._task
        if not task.life_safety:
            return
        party = succession.stand_in(task, gone, self._register, self._incident.place_id, self._now)
        if party is None:
            return
        asking.call_in(task, party.id, self._now, self._new_id, AssignmentRole.SUPPORT)
        self._summons.one(task, self._incident, party.id, Reason.ASKED_TO_SUPPORT)
        yield Kind.STAND_IN_ASKED, {"party": party.id, "for": gone}
