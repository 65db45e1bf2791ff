"""Time passes: clocks breach, ladders climb, what has cleared by itself resolves, nodes fall silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.end_planned import EndPlanned
from cloud.application.incidents.node_hazards import noticed
from cloud.application.ports import Clock, Ids, IngestWatch, UnitOfWork, UnitsOfWork
from cloud.application.tasks.turn import Turn
from cloud.domain.fleet.node import WILL_GRACE, Node
from cloud.domain.tasks.task import Task
from cloud.errors import Unavailable

MOST_AT_ONCE: Final = 200
"""Tasks looked after in one run, so that a flood leaves room for ingest between runs."""


@dataclass(frozen=True, slots=True)
class TimersRun:
    """How many tasks and nodes time changed."""

    tasks: int
    nodes: int


class RunTimers:
    """Each due task is one unit of work: claimed, changed and committed together, so that neither a restart nor a
    second worker loses or repeats a step. One that fails holds up no other: the rest have their turn, then the
    failures are raised together (ExceptionGroup).
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, watch: IngestWatch) -> None:
        self._units, self._clock, self._ids, self._watch = units, clock, ids, watch

    def __call__(self) -> TimersRun:
        failed: dict[str, Exception] = {}
        tasks = self._repeat(lambda: self._one_task(failed))
        self._repeat(self._one_ends)
        nodes = self._repeat(self._one_node)
        if failed:
            raise ExceptionGroup(f"time could not be told on {len(failed)} of {tasks} tasks", list(failed.values()))
        return TimersRun(tasks, nodes)

    @staticmethod
    def _repeat(step: Callable[[], bool]) -> int:
        done = 0
        while done < MOST_AT_ONCE and step():
            done += 1
        return done

    def _one_task(self, failed: dict[str, Exception]) -> bool:
        """Look after the next due task; False when there is none left."""
        with self._units.reading() as uow:
            waiting = self._next(uow, failed)
        if waiting is None:
            return False
        try:
            with self._units.writing() as uow:
                task = self._next(uow, failed)
                if task is not None:
                    waiting = task
                    Turn(uow, task, ids=self._ids, now=self._clock.now()).take()
                    uow.commit()
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a poisoned task must not silence the ladders of all others
            failed[waiting.id] = error
        return True

    def _next(self, uow: UnitOfWork, failed: dict[str, Exception]) -> Task | None:
        due = uow.tasks.due(self._clock.now(), len(failed) + 1)
        return next((task for task in due if task.id not in failed), None)

    def _one_ends(self) -> bool:
        """An exercise or a maintenance window whose time is up ends; False when none is left."""
        with self._units.reading() as uow:
            now = self._clock.now()
            if not (uow.exercises.due(now) or uow.windows.due(now)):
                return False
        with self._units.writing() as uow:
            now = self._clock.now()
            for exercise in uow.exercises.due(now):
                self._ending(uow, exercise.estate, now).exercise(exercise, f"exercise:{exercise.id}")
            for window in uow.windows.due(now):
                self._ending(uow, window.estate, now).window(window, f"maintenance:{window.id}")
            uow.commit()
        return True

    def _ending(self, uow: UnitOfWork, estate: str, now: datetime) -> EndPlanned:
        register = uow.registers.find(estate)
        assert register is not None, f"estate {estate} has lost its register"
        return EndPlanned(uow, register, self._ids, now, "clock")

    def _one_node(self) -> bool:
        now, since = self._clock.now(), self._watch.listening_since()
        if since is None or now - since < WILL_GRACE:
            return False
        with self._units.reading() as uow:
            if not uow.nodes.fallen_silent(now, 1):
                return False
        with self._units.writing() as uow:
            for node in uow.nodes.fallen_silent(now, 1):
                self._judge_silence(uow, node, since, now)
                uow.commit()
                return True
        return False

    def _judge_silence(self, uow: UnitOfWork, node: Node, since: datetime, now: datetime) -> None:
        """Silence counts only while ingest could hear: the wait begins anew when it has just come back."""
        register = uow.registers.find(node.estate)
        if since + node.patience > now:
            node.wait_from(since)
        else:
            node.silent_due_at, node.online = None, False
            node.silent_occurrence = f"silent:{self._ids.new(now)}"
            if register is not None:
                consequences = Consequences(uow, register, self._ids, now, "clock")
                cause = f"silence:{node.boot}:{node.connection}"
                consequences.raised(
                    noticed(node.estate, node.id, "node.silent", occurrence=node.silent_occurrence, at=now, cause=cause)
                )
                consequences.settle()
        uow.nodes.save(node)
