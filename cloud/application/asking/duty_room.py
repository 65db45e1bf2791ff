"""What a duty room's wall shows: what rings now, the loudest first, with whom to phone about it and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cloud.application.asking import officers
from cloud.application.asking.board_view import urgency
from cloud.application.asking.call_views import CallView, OfficerView
from cloud.application.asking.depict import Depiction
from cloud.application.asking.queries import Queries
from cloud.application.asking.views import BoardView, TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.tasks.sight import private
from cloud.domain.tasks.task import TaskState


@dataclass(frozen=True, slots=True)
class DutyRoomView:
    """`ringing`: what wants somebody now, the loudest first; empty when all is calm. `calls`, `officers` and `words`: the loudest's.
    `open`: how many other matters are open, with which nothing has to be done this minute. `muted`: whose sounder is quiet.
    """

    board: BoardView
    ringing: Sequence[TaskView]
    calls: Sequence[CallView]
    officers: Sequence[OfficerView]
    words: Names | None
    open: int
    muted: Sequence[TaskView]


class AskDutyRoom:
    """Raises NotFound for an estate that is not the viewer's."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock, self._queries = units, clock, Queries(units, clock)

    def __call__(self, estate: str, viewer: Identity) -> DutyRoomView:
        return self._room(self._queries.board(estate, viewer), viewer)

    def over_estates(self, viewer: Identity) -> DutyRoomView:
        """Of all the viewer's estates together, the loudest of any of them first."""
        return self._room(self._queries.over.board(viewer), viewer)

    def _room(self, board: BoardView, viewer: Identity) -> DutyRoomView:
        shown = [task for task in board.tasks if task.hidden_by is None]
        if viewer.purpose is Purpose.SCREEN:
            # Whoever passes reads it and nobody has signed in: no homes, and nothing to press.
            shown = [replace(task, allowed=(), mine=False) for task in shown if not private(task.hazard)]
        ringing = sorted(filter(rings, shown), key=loudness)
        calls, named, words = self._sheet(ringing[0], viewer) if ringing else ((), (), None)
        return DutyRoomView(
            board=board,
            ringing=ringing,
            calls=calls,
            officers=named,
            words=words,
            open=len(shown) - len(ringing),
            muted=[task for task in shown if task.muted_until is not None],
        )

    def _sheet(
        self, loudest: TaskView, viewer: Identity
    ) -> tuple[Sequence[CallView], Sequence[OfficerView], Names | None]:
        """It may have been closed since the board was read; then there is nobody to phone about it."""
        with self._units.reading() as uow:
            register = uow.registers.find(loudest.estate)
            task, incident = uow.tasks.get(loudest.id), uow.incidents.get(loudest.incident_id)
            if register is None or task is None or incident is None:
                return (), (), None
            depict = Depiction(register, self._clock.now())
            named = officers.in_duty_room(uow, depict, task, incident, viewer)
            return depict.call_sheet(task, incident), named, depict.words_to_say(incident)


def rings(task: TaskView) -> bool:
    """While a life may be at stake until it is closed, for `resolved` is one person's claim and a second one is wanted; an
    exercise until it is resolved; anything else until somebody has answered.
    """
    if task.life_safety and task.mode == "real":
        return True
    return task.resolved_at is None and (task.life_safety or task.state is TaskState.NEW)


def loudness(task: TaskView) -> tuple[object, ...]:
    """What is real before what is exercised, then as on the board."""
    return task.mode != "real", *urgency(task)
