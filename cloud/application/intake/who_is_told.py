"""To whom a report of each sort would go, as it is told before anything is sent: behind a label, and at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.duties.oversight import appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import route
from cloud.domain.incidents.report import HAZARDS, Concern, Spot
from cloud.domain.tasks.others import property_first
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard


@dataclass(frozen=True, slots=True)
class Told:
    """To whom a report goes: `first` at once, `then` once it is borne out or after three minutes. Organisations by name."""

    first: Sequence[Names]
    then: Sequence[Names]


def told_of(uow: UnitOfWork, register: Register, spot: Spot, now: datetime) -> dict[Concern, Told]:
    """By what can be reported at that spot."""
    open_here = _open_here(uow, register.estate.id, spot)
    return {one: _told(register, spot, HAZARDS[one], open_here, now) for one in spot.concerns}


def _told(register: Register, spot: Spot, hazard_id: str, open_here: Mapping[str, Task], now: datetime) -> Told:
    """As it would be routed now; of what is known already, those who have it."""
    known = open_here.get(hazard_id)
    if known is not None:
        return Told(_organisations(register.party(part.party_id) for part in known.assignments), ())
    appointed = appointment(register, hazard_id, spot.equipment_id)
    routing = route(register, hazard_id, spot.place_id, now, appointed=appointed)
    everybody = [routing.lead, *routing.supports, *routing.observers]
    alone = property_first(routing, register, spot.place_id, now) if hazard(hazard_id).life_safety else None
    first = [alone.lead] if alone else everybody
    return Told(_organisations(first), _organisations(party for party in everybody if party not in first))


def _open_here(uow: UnitOfWork, estate: str, spot: Spot) -> dict[str, Task]:
    """Open tasks of that very spot by hazard: what is said again joins them."""
    tasks = {task.incident_id: task for task in uow.tasks.open(estate)}
    incidents = uow.incidents.among(list(tasks)).values()
    here = [one for one in incidents if one.equipment_id == spot.equipment_id and one.mode == "real"]
    return {one.hazard: tasks[one.id] for one in here}


def _organisations(parties: Iterable[Party]) -> list[Names]:
    """By name; of households nobody is told."""
    return [party.names for party in parties if party.kind is not PartyKind.HOUSEHOLD]
