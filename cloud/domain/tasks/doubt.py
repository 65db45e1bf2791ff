"""While it is doubted what time it is, nothing is closed that only time would close: that is not undone by a right clock."""

from __future__ import annotations

from datetime import datetime

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
    """Time has gone back: what was reckoned from the wrong one would be due long after anybody needs it. Its clocks and its
    ladder begin now; who has answered has answered.
    """
    task.restart_clocks(now)
    if task.lead.joined:
        task.tto, task.active_at = task.tto.meet(now), now
