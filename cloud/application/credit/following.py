"""What credit follows: a task that was closed with verification, one that was reopened, a small task that was confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.application.credit.granting import Granting
from cloud.application.ports import UnitOfWork
from cloud.application.tasks.deeds import Deed
from cloud.domain.credit import act as acts
from cloud.domain.credit.account import ReversalReason
from cloud.domain.duties.register import Register
from cloud.domain.exchange.small_task import SmallTask
from cloud.domain.records.ledger import Draft, Kind


class CreditFollows:
    """Called in the unit of work of the deed it follows."""

    def __init__(self, granting: Granting) -> None:
        self._granting = granting

    def deed(self, uow: UnitOfWork, deed: Deed, kind: Kind) -> Sequence[Draft]:
        """Implements `deeds.Following`. What an earlier closing paid was for something that turned out not to be over: it
        is taken back when somebody says so, at the latest when it is closed anew.
        """
        task, prefix = deed.task, acts.task_prefix(deed.task.id)
        if kind is Kind.TASK_REOPENED:
            by = f"member:{deed.member.id}"
            return self._granting.take_back(
                uow, task.estate, prefix, reason=ReversalReason.REOPENED, by=by, now=deed.now
            )
        if kind is not Kind.TASK_CLOSED:
            return []
        drafts: list[Draft] = []
        if task.reopened_count:
            drafts += self._granting.take_back(
                uow, task.estate, prefix, reason=ReversalReason.REOPENED, by="system", now=deed.now
            )
        act = acts.response(task, deed.register, deed.member.id)
        return drafts if act is None else drafts + self._granting.grant(uow, act, deed.register, deed.now)

    def small_task(self, uow: UnitOfWork, task: SmallTask, register: Register, now: datetime) -> Sequence[Draft]:
        """Implements `small_tasks.Confirmed`."""
        act = acts.small_task(task)
        return [] if act is None else self._granting.grant(uow, act, register, now)
