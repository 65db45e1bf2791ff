"""Time passes: clocks breach, ladders climb, what has cleared by itself resolves, nodes fall silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from cloud.application.clock_ports import Doubts, never
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.end_planned import EndPlanned
from cloud.application.incidents.node_hazards import noticed
from cloud.application.ports import Clock, Ids, IngestWatch, UnitOfWork, UnitsOfWork
from cloud.application.tasks.turn import Turn
from cloud.domain.fleet.node import WILL_GRACE, Node
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.inhibition import DEAD_NODE
from cloud.domain.incidents.maintenance import Window
from cloud.domain.incidents.silence import severity_of_silence
from cloud.domain.tasks.task import Task
from cloud.errors import Unavailable

MOST_AT_ONCE: Final = 200
"""Tasks looked after in one run, so that a flood leaves room for ingest between runs."""


@dataclass(frozen=True, slots=True)
class TimersRun:
    """How many tasks and nodes time changed."""

    tasks: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Due:
    """What time has to do within one unit of work: of which estate, what it is about, and how it is done."""

    estate: str
    name: str
    deed: Callable[[], None]


Finding = Callable[[UnitOfWork, int], Iterator[Due]]


class RunTimers:
    """Each due task, each exercise and window that ends, each node that fell silent is one unit of work: claimed, changed
    and committed together, so that neither a restart nor a second worker loses or repeats a step. One that fails holds up
    no other: the rest have their turn, then the failures are raised together (ExceptionGroup).
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, watch: IngestWatch, doubted_until: Doubts = never
    ) -> None:
        self._units, self._clock, self._ids, self._watch = units, clock, ids, watch
        self._doubted_until = doubted_until

    def __call__(self) -> TimersRun:
        failed: dict[str, Exception] = {}
        told, done = [], []
        for what, find in (("tasks", self._tasks), ("exercises and windows", self._ends), ("nodes", self._nodes)):
            before = len(failed)
            done.append(self._each(find, failed))
            if len(failed) > before:
                told.append(f"{len(failed) - before} of {done[-1]} {what}")
        if failed:
            raise ExceptionGroup(f"time could not be told on {', '.join(told)}", list(failed.values()))
        tasks, _, nodes = done
        return TimersRun(tasks, nodes)

    def _each(self, find: Finding, failed: dict[str, Exception]) -> int:
        done = 0
        while done < MOST_AT_ONCE and self._one(find, failed):
            done += 1
        return done

    def _one(self, find: Finding, failed: dict[str, Exception]) -> bool:
        """Do the next thing that is due; False when there is none left."""

        def next_in(uow: UnitOfWork) -> Due | None:
            return next((due for due in find(uow, len(failed) + 1) if due.name not in failed), None)

        with self._units.reading() as uow:
            due = next_in(uow)
        if due is None:
            return False
        name, estate = due.name, due.estate
        try:
            with self._units.writing() as uow:
                uow.ledger.hold(estate)
                due = next_in(uow)
                # Of another estate, which is not held: somebody else has done what was found. It is found once more.
                if due is not None and due.estate == estate:
                    name = due.name
                    due.deed()
                    uow.commit()
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - what is poisoned must not silence the ladders of all others
            failed[name] = error
        return True

    def _tasks(self, uow: UnitOfWork, limit: int) -> Iterator[Due]:
        now = self._clock.now()
        for task in uow.tasks.due(now, limit):
            yield Due(task.estate, task.id, partial(self._turn, uow, task, now))

    def _turn(self, uow: UnitOfWork, task: Task, now: datetime) -> None:
        Turn(uow, task, ids=self._ids, now=now, doubted_until=self._doubted_until()).take()

    def _ends(self, uow: UnitOfWork, limit: int) -> Iterator[Due]:
        """Exercises and maintenance windows whose time is up."""
        now = self._clock.now()
        for exercise in uow.exercises.due(now, limit):
            name = f"exercise:{exercise.id}"
            yield Due(exercise.estate, name, partial(self._end_exercise, uow, exercise, name, now))
        for window in uow.windows.due(now, limit):
            name = f"maintenance:{window.id}"
            yield Due(window.estate, name, partial(self._end_window, uow, window, name, now))

    def _end_exercise(self, uow: UnitOfWork, exercise: Exercise, cause: str, now: datetime) -> None:
        self._ending(uow, exercise.estate, now).exercise(exercise, cause)

    def _end_window(self, uow: UnitOfWork, window: Window, cause: str, now: datetime) -> None:
        self._ending(uow, window.estate, now).window(window, cause)

    def _ending(self, uow: UnitOfWork, estate: str, now: datetime) -> EndPlanned:
        register = uow.registers.find(estate)
        assert register is not None, f"estate {estate} has lost its register"
        return EndPlanned(uow, register, self._ids, now, "clock")

    def _nodes(self, uow: UnitOfWork, limit: int) -> Iterator[Due]:
        now, since = self._clock.now(), self._watch.listening_since()
        if since is None or now - since < WILL_GRACE:
            return
        for node in uow.nodes.fallen_silent(now, limit):
            name = f"node:{node.estate}/{node.id}"
            yield Due(node.estate, name, partial(self._judge_silence, uow, node, since, now))

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
                    noticed(
                        node.estate, node.id, DEAD_NODE, occurrence=node.silent_occurrence, at=now, cause=cause,
                        severity=severity_of_silence(register, node.id),
                    )
                )  # fmt: skip
                consequences.settle()
        uow.nodes.save(node)
