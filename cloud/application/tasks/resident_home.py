"""Where a resident begins: what they reported and what became of it, what is open in their building, where they report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.asking.building import buildings_of
from cloud.application.asking.building_scene import Scene, home_of, scene_of
from cloud.application.asking.building_views import MatterHere
from cloud.application.asking.depict import Depiction
from cloud.application.asking.views import PlaceView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.tasks.report_view import ReportRow, report_row, task_now
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.errors import NotFound

SHOWN: Final = 10
"""Reports on the page; older ones are a page further."""

Before = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class SpotHere:
    """A lift or door with a label: what is wrong there is reported behind its code."""

    code: str
    kind: EquipmentKind
    names: Names
    address: Names


@dataclass(frozen=True, slots=True)
class BuildingHere:
    """One of their buildings: what is open there, and where they report."""

    place: PlaceView
    matters: Sequence[MatterHere]
    spots: Sequence[SpotHere]


@dataclass(frozen=True, slots=True)
class ReportsView:
    """Newest first. `more`: there are older ones, after the last of these."""

    reports: Sequence[ReportRow]
    more: bool


@dataclass(frozen=True, slots=True)
class ResidentHome:
    reports: ReportsView
    buildings: Sequence[BuildingHere]


class AskResidentHome:
    """Raises NotFound for an estate that is not theirs, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, estate: str, viewer: Identity, before: Before | None = None) -> ResidentHome:
        """`before`: where the page of reports before this one ended."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            scene = scene_of(uow, Depiction(register, self._clock.now()), viewer)
            reports = _reports(uow, register, viewer, SHOWN, before)
            return ResidentHome(reports, list(_buildings(uow, scene)))

    def reports(self, estate: str, viewer: Identity, limit: int, before: Before | None = None) -> ReportsView:
        """The viewer's own, whatever their role."""
        with self._units.reading() as uow:
            return _reports(uow, _register(uow, estate, viewer), viewer, limit, before)


def _reports(uow: UnitOfWork, register: Register, viewer: Identity, limit: int, before: Before | None) -> ReportsView:
    found = uow.reports.of_member(register.estate.id, viewer.member.id, limit + 1, before)
    answered = ((report, task_now(uow, report)) for report in found[:limit])
    rows = [report_row(report, task, register) for report, task in answered if task is not None]
    return ReportsView(rows, more=len(found) > limit)


def _buildings(uow: UnitOfWork, scene: Scene) -> Iterator[BuildingHere]:
    """What they may see of their buildings, and of the grounds around; nothing of a home."""
    register = scene.register
    labels = {one.equipment_id: one.code for one in uow.labels.of(register.estate.id)}
    homes = list(_homes(register))
    spots: dict[str, list[SpotHere]] = {}
    for item in sorted(register.equipment.values(), key=lambda one: (one.kind is not EquipmentKind.LIFT, one.id)):
        if item.id in labels and not any(is_within(item.place_id, home) for home in homes):
            spot = SpotHere(labels[item.id], item.kind, item.names, register.places.address(item.place_id))
            spots.setdefault(home_of(register, item.place_id), []).append(spot)
    for place in buildings_of(scene):
        matters, here = scene.matters.get(place.id, ()), spots.get(place.id, ())
        if matters or here or place.id != register.estate.place_id:
            yield BuildingHere(scene.depict.place(place.id), matters, here)


def _homes(register: Register) -> Iterator[str]:
    """Where households live, closer than their building: whose door has a label there is nobody else's business."""
    for party in register.parties.values():
        if party.kind is PartyKind.HOUSEHOLD:
            yield from (
                area for area in party.serves if home_of(register, area) not in (area, register.estate.place_id)
            )


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register
