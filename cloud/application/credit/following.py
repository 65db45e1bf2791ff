"""What credit follows: a task that was closed with verification, one that was reopened, a small task that was confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cloud.application.credit.granting import Granting
from cloud.application.ports import UnitOfWork
from cloud.application.tasks.deeds import Deed
from cloud.application.tasks.follow_reports import Following
from cloud.domain.credit import act as acts
from cloud.domain.credit.account import ReversalReason
from cloud.domain.credit.act import Act
from cloud.domain.duties.register import Register
from cloud.domain.exchange.small_task import SmallTask
from cloud.domain.incidents.alert import is_report
from cloud.domain.incidents.report import Report
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks.task import Task


class CreditFollows:
    """Called in the unit of work of the deed it follows."""

    def __init__(self, granting: Granting) -> None:
        self._granting = granting

    def deed(self, uow: UnitOfWork, deed: Deed, kind: Kind) -> Sequence[Draft]:
        """Implements `deeds.Following`. What an earlier closing paid was for something that turned out not to be over: it
        is taken back when somebody says so, at the latest when it is closed anew.
        """
        task = deed.task
        if kind is Kind.TASK_REOPENED:
            return self.reopened(uow, task, f"member:{deed.member.id}", deed.now)
        if kind is not Kind.TASK_CLOSED:
            return []
        return [*self._unpaid(uow, task, deed.now), *self._paid(uow, task, deed.register, deed.member.id, deed.now)]

    def closed(self, uow: UnitOfWork, task: Task, register: Register, by: str, now: datetime) -> Sequence[Draft]:
        """Implements `follow_reports.Closed`: the reporter's verdict was the last thing that was missing. `by`: the member
        whose report it is, where that is known.
        """
        return [*self._unpaid(uow, task, now), *self._paid(uow, task, register, by, now, verdict=True)]

    def _unpaid(self, uow: UnitOfWork, task: Task, now: datetime) -> Sequence[Draft]:
        """What an earlier closing paid, where a sensor or another report began it again and nothing has taken it back yet."""
        return self.reopened(uow, task, "system", now) if task.reopened_count else ()

    def reopened(self, uow: UnitOfWork, task: Task, by: str, now: datetime) -> Sequence[Draft]:
        """Implements `follow_reports.Reopened`."""
        found: list[Draft] = []
        for prefix in (acts.task_prefix(task.id), *(f"report:{one}/" for one in task.reports)):
            found += self._granting.take_back(uow, task.estate, prefix, reason=ReversalReason.REOPENED, by=by, now=now)
        return found

    @property
    def verdicts(self) -> Following:
        """What follows the verdict of a reporter."""
        return Following(self.closed, self.reopened)

    def _paid(
        self, uow: UnitOfWork, task: Task, register: Register, by: str, now: datetime, *, verdict: bool = False
    ) -> list[Draft]:
        """Whoever helped, and whoever was first to report what turned out to be so. A reporter's verdict on the result
        says nothing of whether the report was true: whoever found it and saw to it does.
        """
        drafts: list[Draft] = []
        act = acts.response(task, register, by)
        if act is not None:
            drafts += self._granting.grant(uow, act, register, now)
        for report in self._early(uow, task):
            drafts += self._granting.grant(uow, report_act(task, report, None if verdict else by), register, now)
        return drafts

    @staticmethod
    def _early(uow: UnitOfWork, task: Task) -> Sequence[Report]:
        """The report of a resident that came before every other and before any alarm, where it was borne out."""
        useful = task.resolution is not None and task.resolution.reason in acts.USEFUL
        if task.mode != "real" or not useful:
            return []
        ids = (task.incident_id, *task.merged)
        reports = [one for one in uow.reports.of_incidents(ids) if one.id in task.reports]
        if not reports or reports[0].member_id is None:
            return []
        alerts = [alert for found in uow.alerts.of_incidents(ids).values() for alert in found]
        raised = [
            one.raised_at
            for alert in alerts
            for one in alert.occurrences.values()
            if one.raised_at is not None and not is_report(one.id)
        ]
        known = min(raised, default=None)
        return [] if known is not None and known <= reports[0].at else [reports[0]]

    def small_task(self, uow: UnitOfWork, task: SmallTask, register: Register, now: datetime) -> Sequence[Draft]:
        """Implements `small_tasks.Confirmed`."""
        act = acts.small_task(task)
        return [] if act is None else self._granting.grant(uow, act, register, now)


def report_act(task: Task, report: Report, by: str | None) -> Act:
    """`by`: the member who closed it, None where a verdict did. Confirmed by who claimed that it was seen to, and by who
    checked that.
    """
    assert report.member_id is not None, f"report {report.id} has no member to credit"
    claimed = task.resolution.member_id if task.resolution else None
    confirmed = {one for one in (by, claimed, *(check.member_id for check in task.checks)) if one is not None}
    act = acts.hazard_report(f"{report.id}/{task.reopened_count}", report.member_id, report.at, confirmed)
    assert act is not None, "nothing was known before"
    return act
