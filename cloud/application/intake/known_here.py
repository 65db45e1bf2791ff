"""What is known at the place of a code already, and what may be reported there, for anybody who stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.asking.public_matters import PUBLIC, invites
from cloud.application.estates.keep_labels import meant
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.community.names import Names
from cloud.domain.incidents.equipment_state import UPKEEP
from cloud.domain.incidents.report import Concern, number_for, spot_of
from cloud.domain.tasks.task import Task, TaskState
from cloud.errors import NotFound
from schemas.hazards import hazard


@dataclass(frozen=True, slots=True)
class KnownMatter:
    """An open matter of this very spot: "this is mine too" names its `incident_id`. `met`: people come upon it; what is due by a
    date they do not.
    """

    incident_id: str
    hazard_names: Names
    since: datetime
    state: TaskState
    responsible: Names
    met: bool


@dataclass(frozen=True, slots=True)
class SpotView:
    """`call`: the number to dial first, by concern, as the estate's call sheets have it; to be confirmed locally."""

    names: Names
    address: Names
    concerns: Sequence[Concern]
    known: Sequence[KnownMatter]
    call: dict[Concern, str]


class KnownHere:
    """Nothing of it is about a person, nor about how the machinery is. That a door stands open is told to nobody from afar;
    who stands before it sees it, and says so like anything else. Raises NotFound.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, estate: str, code: str) -> SpotView:
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            spot = spot_of(meant(uow, estate, code), register)
            tasks = {task.incident_id: task for task in uow.tasks.open(estate)}
            here = [
                (one, tasks[one.id])
                for one in uow.incidents.among(list(tasks)).values()
                if one.equipment_id == spot.equipment_id and one.mode == "real" and _public(tasks[one.id])
            ]
            known = [
                KnownMatter(
                    one.id,
                    Names(hazard(one.hazard).zh, hazard(one.hazard).en),
                    one.opened_at,
                    task.state,
                    register.party(task.responsible_id).names,
                    met=one.hazard not in UPKEEP,
                )
                for one, task in here
            ]
            address = register.places.address(spot.place_id)
            now = self._clock.now()
            numbers = {concern: number_for(concern, register, spot.place_id, now) for concern in spot.concerns}
            call = {concern: number for concern, number in numbers.items() if number is not None}
            return SpotView(spot.names, address, spot.concerns, known, call)


def _public(task: Task) -> bool:
    return hazard(task.hazard).family in PUBLIC and not invites(task)
