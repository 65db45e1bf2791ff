"""The matters of an estate as feeds tell them: to everybody without anything of a person, to a party what is its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.asking.depict import Depiction
from cloud.application.asking.feed_marks import FeedMark, mark_of, register_of
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.duties.register import Estate, Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.sight import Outlook
from cloud.domain.tasks.task import Task, TaskState
from cloud.errors import NotFound
from schemas.hazards import hazard

MOST: Final = 100
"""Matters in a feed: all that are open, most urgent or not, and of the others those that were over last."""

PUBLIC: Final = frozenset({"access", "fire", "lift"})
"""Families of hazards that concern everybody. `welfare.*` is inside a home; the rest is how the machinery is."""


@dataclass(frozen=True, slots=True)
class MatterView:
    """One matter; `responsible` is an organisation. `changed_at`: the last step that anybody took."""

    incident_id: str
    hazard_names: Names
    address: Names
    life_safety: bool
    exercise: bool
    state: TaskState
    responsible: Names
    opened_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class MattersView:
    """A feed: `names` is whose it is; the matter that changed last comes first. Times are in the estate's zone."""

    names: Names
    mark: FeedMark
    matters: Sequence[MatterView]
    time_zone: str
    region: str


class PublicMatters:
    """Raises NotFound, Unavailable. `building`: its name below the estate; None: all of the estate."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def mark(self, estate: str, viewer: Identity | None = None) -> FeedMark:
        """For a party's feed `viewer` is who asks: what others may not see, they may not ask about."""
        with self._units.reading() as uow:
            if viewer is not None and estate not in viewer.estates:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            return mark_of(uow, register_of(uow, estate))

    def estate(self, estate: str) -> Estate:
        """Where it is, and by which clock."""
        with self._units.reading() as uow:
            return register_of(uow, estate).estate

    def of_place(self, estate: str, building: str | None = None) -> MattersView:
        """What anybody may know. That a door stands open is told when it no longer does."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
            depict = Depiction(register, self._clock.now())
            around = register.estate.place_id if building is None else f"{register.estate.place_id}/{building}"
            if around not in register.places or (
                building is not None and register.places.get(around).kind is not PlaceKind.BUILDING
            ):
                raise NotFound(f"There is no building {building!r} here.", "没有这栋楼")
            found = [
                (task, incident)
                for task, incident in _latest(uow, estate)
                if is_within(incident.place_id, around) and _public(task, incident)
            ]
            names = register.places.address(around)
            return _matters(uow, register, names, _views(depict, found))

    def buildings(self, estate: str) -> list[tuple[str, Names]]:
        """Those that have a feed of their own: their names below the estate, and what they are called."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
        home = register.estate.place_id
        return [
            (place.id.removeprefix(f"{home}/"), place.names)
            for place in register.places
            if place.kind is PlaceKind.BUILDING and place.parent_id == home
        ]

    def of_party(self, estate: str, party_id: str, viewer: Identity) -> MattersView:
        """What a party has a part in, for its own members and for who oversees the estate."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
            depict = Depiction(register, self._clock.now())
            if estate not in viewer.estates or not _may_follow(viewer, party_id) or party_id not in register.parties:
                raise NotFound("There is no such party here, or it is not yours.", "没有这个单位，或不属于您")
            own = Outlook((), frozenset({party_id}))
            found = [pair for pair in _latest(uow, estate, own) if pair[0].part_of(party_id) is not None]
            names = register.parties[party_id].names
            return _matters(uow, register, names, _views(depict, found))


def _may_follow(viewer: Identity, party_id: str) -> bool:
    return any(one.party_id == party_id for one in viewer.member.memberships)


def _latest(uow: UnitOfWork, estate: str, seen_by: Outlook | None = None) -> Iterator[tuple[Task, Incident]]:
    tasks = [*uow.tasks.open(estate, seen_by), *uow.tasks.closed(estate, limit=MOST, seen_by=seen_by)]
    incidents = uow.incidents.among([task.incident_id for task in tasks])
    yield from ((task, incidents[task.incident_id]) for task in tasks)


def _public(task: Task, incident: Incident) -> bool:
    return hazard(incident.hazard).family in PUBLIC and not invites(task)


def invites(task: Task) -> bool:
    """Whether the news would invite whom it should not: a door that stands open."""
    known = hazard(task.hazard)
    return known.family == "access" and not known.life_safety and task.undone


def _views(depict: Depiction, found: Sequence[tuple[Task, Incident]]) -> list[MatterView]:
    shown = [_view(depict, task, incident) for task, incident in found]
    return sorted(shown, key=lambda one: (one.changed_at, one.incident_id), reverse=True)[:MOST]


def _view(depict: Depiction, task: Task, incident: Incident) -> MatterView:
    steps = (incident.opened_at, task.acknowledged_at, task.started_at, task.resolved_at, task.closed_at)
    local = depict.register.estate.local
    return MatterView(
        incident_id=incident.id,
        hazard_names=depict.hazard_names(incident),
        address=depict.address(incident.equipment_id, incident.place_id),
        life_safety=task.life_safety,
        exercise=incident.mode == "exercise",
        state=task.state,
        responsible=depict.party(task.responsible_id).names,
        opened_at=local(incident.opened_at),
        changed_at=local(max(step for step in steps if step is not None)),
    )


def _matters(uow: UnitOfWork, register: Register, names: Names, matters: Sequence[MatterView]) -> MattersView:
    estate = register.estate
    return MattersView(names, mark_of(uow, register), matters, estate.time_zone, estate.days.region)
