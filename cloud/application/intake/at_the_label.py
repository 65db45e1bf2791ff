"""Whoever stands before a label: where they are, what is known there, and to whom goes what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cloud.application.intake.known_here import KnownHere, SpotView
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.label import read_code
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.duties.oversight import appointment
from cloud.domain.duties.register import Register
from cloud.domain.duties.routing import route
from cloud.domain.incidents.report import HAZARDS, Concern, Spot, spot_of
from cloud.domain.tasks.others import property_first
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound
from schemas.hazards import hazard


@dataclass(frozen=True, slots=True)
class Told:
    """To whom a report goes: `first` at once, `then` once it is borne out or after three minutes. Organisations by name."""

    first: Sequence[Names]
    then: Sequence[Names]


@dataclass(frozen=True, slots=True)
class LabelledSpot:
    """What anybody may know who has read the label. `code` as it is kept, `equipment_id` what reports name."""

    code: str
    estate: str
    estate_names: Names
    time_zone: str
    region: str
    equipment_id: str
    spot: SpotView
    told: Mapping[Concern, Told]


class AtTheLabel:
    """Raises NotFound for a code that no label has, or no longer; Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, known_here: KnownHere) -> None:
        self._units, self._clock, self._known_here = units, clock, known_here

    def __call__(self, typed: str) -> LabelledSpot:
        code = read_code(typed)
        with self._units.reading() as uow:
            label = uow.labels.find(code) if code else None
            register = uow.registers.find(label.estate) if label else None
            if label is None or register is None or label.replaced_at or label.equipment_id not in register.equipment:
                raise NotFound(
                    "No label has this code any more. Look for a newer label there.",
                    "编码无效或已更换，请查看现场新标签",
                )
            spot = spot_of(label.equipment_id, register)
            open_here = _open_here(uow, label.estate, spot)
            told = {one: self._told(register, spot, HAZARDS[one], open_here) for one in spot.concerns}
        known = self._known_here(label.estate, label.equipment_id)
        estate = register.estate
        zone, region, item = estate.time_zone, estate.days.region, label.equipment_id
        return LabelledSpot(label.code, estate.id, estate.names, zone, region, item, known, told)

    def _told(self, register: Register, spot: Spot, hazard_id: str, open_here: Mapping[str, Task]) -> Told:
        """As it would be routed now; of what is known already, those who have it."""
        known = open_here.get(hazard_id)
        if known is not None:
            return Told(_organisations(register.party(part.party_id) for part in known.assignments), ())
        now = self._clock.now()
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
