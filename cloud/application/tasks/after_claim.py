"""What time brings to a claim that it is done: a second person is asked to look, and what goes on firing contradicts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from cloud.application.incidents.others_join import Ground, call_others
from cloud.application.incidents.summons import Summons
from cloud.application.notices.withdraw import Answer, Withdraw
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import promised_look, second_look
from cloud.domain.tasks.task import Task

Said = tuple[Kind, dict[str, Any]]


def ask_to_look(task: Task, incident: Incident, summons: Summons, now: datetime) -> dict[str, Any] | None:
    """Somebody else is asked to look after what is claimed; what the ledger is to say of it, None where nobody needs to."""
    unkept = promised_look.lapse(task, now)
    asked = second_look.to_ask(task, now)
    for party in asked:
        summons.one(task, incident, party, Reason.VERIFY)
    return {"to": list(asked), **({"unkept": list(unkept)} if unkept else {})} if asked else None


class AfterClaim:
    """What of it is due at one moment. Every step gives what the ledger is to say."""

    def __init__(
        self, uow: UnitOfWork, task: Task, incident: Incident, register: Register, *, ids: Ids, now: datetime,
        summons: Summons,
    ) -> None:  # fmt: skip
        self._uow, self._task, self._incident, self._register = uow, task, incident, register
        self._ids, self._now, self._summons = ids, now, summons

    def contradicted(self) -> Iterator[Said]:
        """A sensor goes on firing: where life is at stake it begins again, else whoever is responsible hears of it."""
        task, now = self._task, self._now
        due = second_look.contradiction_at(task)
        if due is None or due > now:
            return
        claimed = task.resolution.reason.value if task.resolution else None
        if not second_look.contradict(task, now):
            self._summons.one(task, self._incident, task.responsible_id, Reason.CONTRADICTED)
            yield Kind.CLAIM_CONTRADICTED, {"party": task.responsible_id, "reason": claimed}
            return
        Withdraw(self._uow, self._ids, task, Answer(), now).answered(lead=False, over=True)
        self._summons.again(task, self._incident, Reason.CONTRADICTED)
        facts = {"party": task.responsible_id, "reason": claimed}
        yield Kind.CLAIM_CONTRADICTED, facts
        yield Kind.TASK_REOPENED, {"count": task.reopened_count, "state": task.state.value}

    def others(self) -> Iterator[Said]:
        """Nothing has borne a report out, and one person says that it is done with: the others are asked to look too."""
        task = self._task
        if task.others_at is None or task.others_at > self._now:
            return
        facts = call_others(
            self._register, self._incident, task, Ground.UNANSWERED, ids=self._ids, now=self._now,
            summons=self._summons,
        )  # fmt: skip
        yield Kind.OTHERS_JOINED, facts
        yield from self._asked()

    def looks(self) -> Iterator[Said]:
        """Nobody has looked yet, or something else is missing still."""
        due = second_look.look_at(self._task)
        if due is not None and due <= self._now:
            yield from self._asked()

    def _asked(self) -> Iterator[Said]:
        facts = ask_to_look(self._task, self._incident, self._summons, self._now)
        if facts is not None:
            yield Kind.LOOK_ASKED, facts
