"""What opens a report for who made it: the private link, or, for who was signed in, their own account."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.application.ports import UnitOfWork
from cloud.application.tasks.report_view import task_now
from cloud.domain.community.access import token_hash
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import Report
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class Own:
    """A report by its id, for the member who made it signed in: the link is told once, their account is kept."""

    report_id: str
    member_id: str


Key = str | Own
"""The link's token, or one's own report."""


def held(uow: UnitOfWork, key: Key) -> tuple[Report, Task, Register]:
    """As `found`, to be changed: nobody else does meanwhile."""
    report = _report(uow, key)
    if report is not None:
        uow.ledger.hold(report.estate)
    return found(uow, key)


def found(uow: UnitOfWork, key: Key) -> tuple[Report, Task, Register]:
    """The report, and the task that answers it now, whatever it was merged into. Raises NotFound."""
    report = _report(uow, key)
    register = uow.registers.find(report.estate) if report else None
    task = task_now(uow, report) if report else None
    if report is None or register is None or task is None:
        if isinstance(key, Own):
            raise NotFound("There is no such report of yours.", "您没有这份报告")
        raise NotFound("This link opens nothing: it is wrong, or no longer kept.", "链接无效")
    return report, task, register


def _report(uow: UnitOfWork, key: Key) -> Report | None:
    if not isinstance(key, Own):
        return uow.reports.by_token(token_hash(key))
    report = uow.reports.get(key.report_id)
    return report if report is not None and report.member_id == key.member_id else None
