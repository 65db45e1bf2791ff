"""What a member sees of all their estates together: what rings in any of them, and how much is open in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cloud.application.asking.board_view import board_view, is_unanswered_alarm, urgency
from cloud.application.asking.depict import Depiction
from cloud.application.asking.views import BoardView, TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.records import Tally
from cloud.domain.duties.register import Register
from cloud.domain.tasks.sight import Outlook, outlook
from cloud.domain.tasks.task import Task


class OverEstates:
    """Each answer costs as many questions of the storage as one estate's would. What is not the viewer's to see in an estate
    is not here either: the same outlooks judge.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def outlooks(self, viewer: Identity) -> Mapping[str, Outlook]:
        """By estate, what the viewer sees of it."""
        with self._units.reading() as uow:
            return _outlooks(_registers(uow, viewer), viewer)

    def alarms(self, viewer: Identity) -> Sequence[TaskView]:
        """Life-safety tasks that nobody has acknowledged, no exercises, the most urgent of any estate first."""
        with self._units.reading() as uow:
            registers = _registers(uow, viewer)
            new = self._views(uow, registers, uow.tasks.unanswered(_outlooks(registers, viewer)), viewer)
            return sorted(filter(is_unanswered_alarm, new), key=urgency)

    def board(self, viewer: Identity) -> BoardView:
        """The open tasks of all of them as one board, the most urgent of any estate first."""
        with self._units.reading() as uow:
            registers, now = _registers(uow, viewer), self._clock.now()
            seen = uow.tasks.open_over(_outlooks(registers, viewer))
            depicts = [Depiction(one, now) for one in registers.values()]
            return board_view(uow, depicts, self._views(uow, registers, seen, viewer))

    def registers(self, viewer: Identity) -> Mapping[str, Register]:
        """By estate, what is known of it."""
        with self._units.reading() as uow:
            return _registers(uow, viewer)

    def tallies(self, viewer: Identity) -> Mapping[str, Tally]:
        """By estate, what is open of life safety and of the viewer's own; estates with neither are left out."""
        with self._units.reading() as uow:
            parties = frozenset(one.party_id for one in viewer.member.memberships)
            return uow.tasks.tallies(_outlooks(_registers(uow, viewer), viewer), parties)

    def _views(
        self, uow: UnitOfWork, registers: Mapping[str, Register], tasks: Sequence[Task], viewer: Identity
    ) -> list[TaskView]:
        if not tasks:
            return []
        ids = [task.incident_id for task in tasks]
        incidents, alerts = uow.incidents.among(ids), uow.alerts.of_incidents(ids)
        now = self._clock.now()
        return [
            Depiction(registers[task.estate], now).task(
                task, incidents[task.incident_id], alerts.get(task.incident_id, ()), viewer.member
            )
            for task in tasks
        ]


def _registers(uow: UnitOfWork, viewer: Identity) -> Mapping[str, Register]:
    return {one.estate.id: one for one in uow.registers.every() if one.estate.id in viewer.estates}


def _outlooks(registers: Mapping[str, Register], viewer: Identity) -> Mapping[str, Outlook]:
    return {estate: outlook(register, viewer.member) for estate, register in registers.items()}
