"""What bears out a claim that it is done, or contradicts it: a second person, the reporter, or seven days of silence."""

from __future__ import annotations

from datetime import datetime

from cloud.domain.community.party import Member
from cloud.domain.duties.duty import Need
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import Check, Task, TaskState
from cloud.domain.tasks.transitions import begin_again, checked, over
from cloud.domain.tasks.verification import complete, unverified_at
from cloud.domain.tasks.witness import Judged, Verdict
from cloud.errors import Conflict


def verify(task: Task, member: Member, now: datetime) -> None:
    """Somebody who did not do the work has looked and found it done. Closing it is another matter."""
    checked(Action.CHECK, task, member, now)
    task.checks += (Check(Need.INDEPENDENT, now, member.id),)


def judged(task: Task, report_id: str, verdict: Verdict, now: datetime, *, own: bool = False) -> bool:
    """A reporter's verdict on what was claimed; whether the task is over with it: where nothing else is missing, which
    is never so for life safety. `own`: the reporter is one of those whose work it is; then it is words, and a second
    person has to look. What is not good begins again. Raises Conflict.
    """
    if report_id not in task.reports:
        raise Conflict("This report is not about that task.", "该报告与此任务无关")
    if task.state not in (TaskState.RESOLVED, TaskState.CLOSED) or task.resolved_at is None:
        raise Conflict("Nothing is claimed to be done yet: there is nothing to judge.", "尚未处置完成，暂不能评价")
    if any(one.report_id == report_id and one.claim == task.reopened_count for one in task.judgements):
        raise Conflict("You have judged this result already.", "您已评价过")
    task.judgements += (Judged(report_id, verdict, now, task.reopened_count, own=own),)
    if verdict is not Verdict.GOOD:
        begin_again(task, now)
        task.contested = task.quiet_since is not None
        return False
    if task.state is TaskState.CLOSED or task.life_safety or not complete(task, now):
        return False
    over(task, now)
    return True


def close_unverified(task: Task, now: datetime) -> None:
    """No reporter has answered for seven days."""
    due = unverified_at(task)
    if due is None or now < due:
        raise Conflict(f"Task {task.id} does not close without its reporter now.")
    task.unverified = True
    over(task, now)
