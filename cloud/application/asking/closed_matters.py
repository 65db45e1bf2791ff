"""Matters that are over, searched by where, what, who, when and how they ended, as far as one may see them."""

from __future__ import annotations

from cloud.application.asking.depict import Depiction
from cloud.application.asking.views import TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.positions import Position
from cloud.application.sight import Sight
from cloud.application.sought import EVERYTHING, Sought
from cloud.errors import NotFound


class ClosedMatters:
    """The last closed first. What is seen is narrowed in the storage, by the judgement that narrows the board."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self,
        estate: str,
        viewer: Identity,
        sought: Sought = EVERYTHING,
        *,
        limit: int = 50,
        before: Position | None = None,
    ) -> list[TaskView]:
        """`before`: those that follow the one closed then, with that id. Raises NotFound."""
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in viewer.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            depict = Depiction(register, self._clock.now())
            tasks = Sight(uow, register, viewer).closed(limit, before, sought)
            ids = [task.incident_id for task in tasks]
            incidents, alerts = uow.incidents.among(ids), uow.alerts.of_incidents(ids)
            return [
                depict.task(task, incidents[task.incident_id], alerts.get(task.incident_id, ()), viewer.member)
                for task in tasks
            ]
