"""While it is doubted what time it is, nothing is closed that only time would close: that is not undone by a right clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cloud.domain.duties.escalation import Ladder
from cloud.domain.incidents.report import ALONE_FOR
from cloud.domain.tasks.asking import answer_by, limit
from cloud.domain.tasks.assignment import Assignment, AssignmentState
from cloud.domain.tasks.fire import WITHOUT_WORD
from cloud.domain.tasks.floor import MUTED_FOR
from cloud.domain.tasks.task import Task


def closes_at(task: Task, due: datetime) -> datetime:
    """When time alone closes it: as soon as that is due and nobody doubts the clock any more."""
    return due if task.doubted_until is None else max(due, task.doubted_until)


def doubt(task: Task, until: datetime | None, now: datetime) -> None:
    """The clock was set forward, or nobody ran for long: whatever makes it look as though time had passed gets time to be
    put right. `until`: as the clock says; past or None where nothing is doubted.
    """
    if until is not None and until > now:
        task.doubted_until = until


def begin_anew(task: Task, now: datetime) -> None:
    """Time has gone back: what was reckoned from the wrong one would be due long after anybody needs it. Whatever waits for
    people waits from now on, as long as it would have and no longer; who has answered has answered.
    """
    task.others_at = _no_later(task.others_at, now + ALONE_FOR)
    task.presume_at = _no_later(task.presume_at, now + WITHOUT_WORD)
    if task.muted is not None:
        task.muted = replace(task.muted, until=min(task.muted.until, now + MUTED_FOR))
    # What is since a moment that has not come yet is so now.
    task.quiet_since, task.hidden_since = _no_later(task.quiet_since, now), _no_later(task.hidden_since, now)
    task.doubted_until = _no_later(task.doubted_until, now)
    if not task.undone:
        _claimed_now(task, now)
        return
    for part in task.assignments:
        _owed_from_now(task, part, now)
    task.restart_clocks(now)
    if task.lead.joined:
        task.tto, task.active_at = task.tto.meet(now), now


def _no_later(moment: datetime | None, than: datetime) -> datetime | None:
    return None if moment is None else min(moment, than)


def _claimed_now(task: Task, now: datetime) -> None:
    """It is said to be done: people are asked to look after it as though that had been said now."""
    task.resolved_at, task.look_asked_at = _no_later(task.resolved_at, now), None
    task.looks = tuple(replace(look, ended_at=look.ended_at or now) for look in task.looks)
    policy = task.duty.ladder
    task.ladder = Ladder.start(policy, now, task.duty.calendar).until_closed(policy)


def _owed_from_now(task: Task, part: Assignment, now: datetime) -> None:
    """Where nobody owes an answer, because nobody was called, nobody does now."""
    if part.state is AssignmentState.REQUESTED and part.accept_by is not None:
        part.requested_at = min(part.requested_at, now)
        limit(part, task.duty, now)
    elif part.joined:
        anew = replace(part)
        limit(anew, task.duty, now)
        part.arrive_by, part.finish_by = _no_later(part.arrive_by, anew.arrive_by or now), anew.finish_by
        part.finish_from, part.noted = now, frozenset()
    if part.lead_by is not None:
        part.lead_by = min(part.lead_by, answer_by(task.duty, now))
