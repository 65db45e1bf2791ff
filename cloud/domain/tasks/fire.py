"""When alarms are presumed to be a fire, so that nobody waits for confirmation before 119 is called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.incidents.alert import Alert
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.task import Task

PRESUMED: Final = "fire.presumed"
CALL_POINT: Final = "fire.manual-call-point"
ALARMS: Final = frozenset({"fire.smoke", CALL_POINT})
"""What sounds as a fire by itself; a pre-alarm does not, and gas is another matter."""

WITHOUT_WORD: Final = timedelta(minutes=3)
"""How long an alarm may go without word from the site before it is presumed to be a fire (equipment.md)."""

_THERE: Final = frozenset({AssignmentState.ARRIVED, AssignmentState.DONE})


class Ground(StrEnum):
    """Why a fire is presumed."""

    SECOND_DETECTOR = "second_detector"
    CALL_POINT = "call_point"
    NO_WORD = "no_word"


def corroboration(alerts: Iterable[Alert]) -> Ground | None:
    """Whether alarms of one building bear each other out: two that fire at once, of which one may be a call point. Two
    rules of one detector are one alert and bear out nothing; nor does late news of what is over.
    """
    standing = [alert for alert in alerts if alert.firing and not alert.late]
    firing = [alert.fingerprint for alert in standing if alert.fingerprint.hazard in ALARMS]
    if any(one.hazard == CALL_POINT for one in firing) and len(set(firing)) > 1:
        return Ground.CALL_POINT
    return Ground.SECOND_DETECTOR if len({one.equipment for one in firing}) > 1 else None


def has_word(task: Task) -> bool:
    """Whether there is word from the site: somebody with work in it is there, or was. That a party has accepted says where it
    is to go, at a desk or on its way, and nothing of the fire.
    """
    return any(part.works and part.arrived_at is not None and part.state in _THERE for part in task.assignments)


def presumable(task: Task) -> bool:
    """Whether its alarm may yet be presumed a fire. Never in an exercise: nobody outside is called for a drill."""
    return task.mode == "real" and task.undone and task.hazard in ALARMS


def await_word(task: Task, now: datetime) -> None:
    """People have been called to a fire alarm: from now on the site has three minutes to say a word."""
    if presumable(task) and task.presume_at is None and not has_word(task):
        task.presume_at = now + WITHOUT_WORD


def unheard(task: Task, now: datetime) -> bool:
    """Whether the time for a word has run out without any, while the alarm still stands for all that anybody knows."""
    if task.presume_at is None or now < task.presume_at:
        return False
    quiet = task.quiet_since is not None and not task.track_lost
    return presumable(task) and not has_word(task) and not quiet
