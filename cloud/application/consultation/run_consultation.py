"""Time passes: ballots end, and what was carried is looked at again on its day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from cloud.application.consultation.conclude import conclude
from cloud.application.consultation.seat import append
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.consultation.ballot import Ballot
from cloud.domain.consultation.effect import Counted, Effect, stretch_before
from cloud.domain.consultation.topic import Topic, TopicState
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound, Unavailable

MOST_AT_ONCE: Final = 100
AGAIN: Final = timedelta(days=7)
"""A review that finds the task still open looks again after a week."""

Due = TypeVar("Due", Ballot, Topic)


@dataclass(frozen=True, slots=True)
class ConsultationRun:
    """How many ballots ended and reviews were held."""

    ballots: int
    reviews: int


class RunConsultation:
    """Each ballot and each review is one unit of work: claimed, changed and committed together, so that neither a restart
    nor a second worker loses or repeats one. One that fails holds up no other; the failures are raised together.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> ConsultationRun:
        failed: dict[str, Exception] = {}
        ballots = self._each(self._ballot_due, self._close, failed)
        reviews = self._each(self._topic_due, self._review, failed)
        if failed:
            raise ExceptionGroup(f"{len(failed)} ballots or reviews could not be done", list(failed.values()))
        return ConsultationRun(ballots, reviews)

    def _each(
        self,
        find: Callable[[UnitOfWork, Collection[str]], Due | None],
        do: Callable[[UnitOfWork, Due], None],
        failed: dict[str, Exception],
    ) -> int:
        done = 0
        for _ in range(MOST_AT_ONCE):
            with self._units.reading() as uow:
                if find(uow, failed) is None:
                    break
            with self._units.writing() as uow:
                found = find(uow, failed)
                if found is None:
                    break
                try:
                    do(uow, found)
                    uow.commit()
                    done += 1
                except Unavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - one poisoned ballot must not keep all others from ending
                    failed[found.id] = error
        return done

    def _ballot_due(self, uow: UnitOfWork, failed: Collection[str]) -> Ballot | None:
        due = uow.consultation.ballots.due(self._clock.now(), len(failed) + 1)
        return next((one for one in due if one.id not in failed), None)

    def _close(self, uow: UnitOfWork, ballot: Ballot) -> None:
        register = uow.registers.find(ballot.estate)
        if register is None:
            raise NotFound(f"Estate {ballot.estate!r} of ballot {ballot.id!r} is gone: load it again.")
        conclude(uow, register, ballot, ids=self._ids, now=self._clock.now(), actor="clock")

    def _topic_due(self, uow: UnitOfWork, failed: Collection[str]) -> Topic | None:
        due = uow.consultation.topics.due(self._clock.now(), len(failed) + 1)
        return next((one for one in due if one.id not in failed), None)

    def _review(self, uow: UnitOfWork, topic: Topic) -> None:
        now, cause = self._clock.now(), f"topic:{topic.id}"
        task = uow.tasks.get(topic.resolution_task or "")
        if task is None or task.closed_at is None:
            topic.due_at = now + AGAIN
            until = topic.due_at.isoformat()
            append(
                uow, topic, Kind.REVIEW_POSTPONED, now, actor="clock", cause=cause, task=topic.resolution_task,
                until=until,
            )  # fmt: skip
        else:
            self._measure(uow, topic, task)
            topic.enter(TopicState.REVIEWED, now)
            topic.due_at = None
            kind, counts = _told(topic.effect)
            append(uow, topic, kind, now, actor="clock", cause=cause, **counts)
        uow.consultation.topics.save(topic)

    def _measure(self, uow: UnitOfWork, topic: Topic, task: Task) -> None:
        """Nothing where the topic is about no equipment and no hazard: all alarms of the estate would say nothing of it."""
        now, history = self._clock.now(), uow.consultation.history
        equipment, hazard, closed_at = topic.equipment, topic.hazard, task.closed_at
        if closed_at is None or (equipment is None and hazard is None):
            return
        since, until = stretch_before(topic.opened_at, history.observed_since(topic.estate) or topic.opened_at)
        before = history.alarms(topic.estate, since, until, equipment=equipment, hazard=hazard)
        after = history.alarms(topic.estate, closed_at, now, equipment=equipment, hazard=hazard)
        topic.effect = Effect(now, Counted(since, until, before), Counted(closed_at, now, after), equipment, hazard)


def _told(effect: Effect | None) -> tuple[Kind, dict[str, int]]:
    if effect is None:
        return Kind.NOTHING_MEASURED, {}
    before, after = effect.before, effect.after
    return Kind.EFFECT_MEASURED, {
        "before": before.alarms, "days_before": before.days, "after": after.alarms, "days_after": after.days,
    }  # fmt: skip
