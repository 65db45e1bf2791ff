"""What is planned to happen: exercises and maintenance, as people see it, and what each of them may plan themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeVar

from cloud.application.asking.queries import Queries
from cloud.application.asking.views import TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.party import Member
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import Register
from cloud.domain.incidents.drilled import drilled_names, to_name
from cloud.domain.incidents.exercise import Exercise, planner
from cloud.domain.incidents.maintenance import Window, is_visit, may_open, runs_estate
from cloud.errors import NotFound
from schemas.hazards import HAZARDS

_One = TypeVar("_One", Exercise, Window)
_Read_co = TypeVar("_Read_co", covariant=True)
State = Literal["running", "coming", "over"]
SHOWN: Final = 30
AHEAD: Final = timedelta(hours=24)
"""How long before it begins an exercise stands on the board and in the duty room."""
HERE: Final = "here"
"""Any place: a window is over equipment or a place, and this one is never opened."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tick or choose."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class Group:
    """What there is to tick in one building."""

    names: Names
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class PlannedView:
    """An exercise or a maintenance window. `where`: its points, or its place; `tasks`: what it has led to and is open.
    `held`: alarms that the window has held back; `reason` and `hazards` are the window's; `accepted`: whether it is a confirmed
    maintenance visit. `told`: the parties that an exercise is announced to; `by_phone`: those that only a person can tell.
    `drilled`: the alarms that belong to it; `estate`: where it is.
    """

    id: str
    state: State
    party: Names
    where: tuple[Names, ...]
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    may_end: bool
    tasks: tuple[TaskView, ...] = ()
    reason: str = ""
    hazards: tuple[str, ...] = ()
    held: int = 0
    accepted: bool = False
    may_accept: bool = False
    told: tuple[Names, ...] = ()
    by_phone: tuple[Names, ...] = ()
    drilled: tuple[Names, ...] = ()
    estate: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """`points`: what this member may choose for an exercise, and `grave` what of them belongs to it only if it is named, for it
    may cost lives; `works_on` and `places`: for a maintenance window. `older_…`: where the next piece of the list begins, if there is one.
    """

    exercises: Sequence[PlannedView]
    windows: Sequence[PlannedView]
    older_exercises: Position | None
    older_windows: Position | None
    points: Sequence[Group]
    grave: Sequence[Choice]
    works_on: Sequence[Group]
    places: Sequence[Choice]


class AskPlanned:
    """Raises NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock, self._queries = units, clock, Queries(units, clock)

    def __call__(
        self, estate: str, viewer: Identity, *, exercises: Position | None = None, windows: Position | None = None
    ) -> Planned:
        """`exercises`, `windows`: what begins earlier than this one. To begin with, whatever runs is there too."""
        tasks = [task for task in self._queries.tasks(estate, viewer, limit=1000) if task.mode == "exercise"]
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in viewer.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            now = self._clock.now()
            drills, older_drills = _piece(uow.exercises, estate, now, exercises)
            works_known, older_works = _piece(uow.windows, estate, now, windows)
        works = _Works(register, viewer, now)
        mine = [one for one in register.equipment if _plans(register, viewer, (one,))]
        return Planned(
            _by_state(
                _exercise(one, register, now, tasks, plans=_plans(register, viewer, one.equipment)) for one in drills
            ),
            _by_state(_window(one, register, now, viewer.member) for one in works_known),
            older_drills,
            older_works,
            groups_of(register, mine),
            [Choice(one, Names(HAZARDS[one].zh, HAZARDS[one].en)) for one in to_name(register, mine)],
            groups_of(register, [one for one in register.equipment if works.at(equipment=(one,))]),
            [
                Choice(place.id, register.places.address(place.id))
                for place in sorted(register.places, key=lambda place: place.id)
                if works.at(place_id=place.id)
            ],
        )

    def ahead(self, estate: str, viewer: Identity) -> list[PlannedView]:
        """Exercises that run now or begin soon, what runs first. Asked with every board, and so without their tasks."""
        with self._units.reading() as uow:
            now = self._clock.now()
            register = uow.registers.find(estate) if estate in viewer.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            known = uow.exercises.around(estate, now, now + AHEAD)
        return _ahead(known, {estate: register}, now)

    def ahead_over(self, viewer: Identity) -> list[PlannedView]:
        """The same of all estates of the viewer, at the price of one."""
        with self._units.reading() as uow:
            now = self._clock.now()
            registers = {one.estate.id: one for one in uow.registers.every() if one.estate.id in viewer.estates}
            known = uow.exercises.around_over(list(registers), now, now + AHEAD)
        return _ahead(known, registers, now)


class _Kept(Protocol[_Read_co]):
    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[_Read_co]: ...
    def running(self, estate: str, now: datetime) -> Sequence[_Read_co]: ...


def _piece(
    kept: _Kept[_One], estate: str, now: datetime, before: Position | None
) -> tuple[list[_One], Position | None]:
    """Of the latest as many as are shown, with what runs beside them, and where the older ones begin."""
    found = kept.of(estate, SHOWN + 1, before)
    shown, last = list(found[:SHOWN]), found[SHOWN - 1] if len(found) > SHOWN else None
    if before is None:
        shown += [one for one in kept.running(estate, now) if one not in shown]
    return shown, (last.starts_at, last.id) if last else None


def _plans(register: Register, viewer: Identity, equipment: tuple[str, ...]) -> bool:
    return planner(register, viewer.member, equipment) is not None


class _Works:
    """Asks the rule itself (`maintenance.may_open`) what a member may work on."""

    def __init__(self, register: Register, viewer: Identity, now: datetime) -> None:
        member = viewer.member
        self._register, self._member = register, member
        hour = (now, now + timedelta(hours=1))
        self._any = Window("", register.estate.id, member.party_id, member.id, *hour, "works", place_id=HERE)

    def at(self, *, equipment: tuple[str, ...] = (), place_id: str | None = None) -> bool:
        if place_id is not None and not is_within(place_id, self._register.estate.place_id):
            return False
        return may_open(self._register, self._member, replace(self._any, equipment=equipment, place_id=place_id))


def _state(starts_at: datetime, ends_at: datetime, ended_at: datetime | None, now: datetime) -> State:
    if ended_at is not None or ends_at <= now:
        return "over"
    return "running" if starts_at <= now else "coming"


def _ahead(known: Sequence[Exercise], registers: Mapping[str, Register], now: datetime) -> list[PlannedView]:
    views = (_exercise(one, registers[one.estate], now, (), plans=False) for one in known)
    return _by_state(view for view in views if view.state != "over")


def _by_state(found: Iterable[PlannedView]) -> list[PlannedView]:
    """What is under way first, then what comes next, then what is over, the latest first."""
    views = sorted(found, key=lambda one: one.starts_at)
    over = [one for one in reversed(views) if one.state == "over"]
    return [*(v for v in views if v.state == "running"), *(v for v in views if v.state == "coming"), *over]


def named(equipment_id: str, register: Register) -> Names:
    """With its building: every building has a lift 1."""
    what, known = register.names_of(equipment_id), register.equipment.get(equipment_id)
    building = register.building_of(known.place_id) if known else ""
    if building not in register.places or not building:
        return what
    return from_large_to_small((register.places.get(building).names, what))


def _exercise(
    one: Exercise, register: Register, now: datetime, tasks: Sequence[TaskView], *, plans: bool
) -> PlannedView:
    state = _state(one.starts_at, one.ends_at, one.ended_at, now)
    return PlannedView(
        one.id, state, register.party(one.party_id).names, tuple(named(point, register) for point in one.equipment),
        one.starts_at, one.ends_at, one.ended_at, may_end=plans and state != "over",
        tasks=tuple(task for task in tasks if state == "running" and task.equipment.id in one.equipment),
        told=tuple(register.party(party).names for party in one.told),
        by_phone=tuple(register.party(party).names for party in one.by_phone),
        drilled=drilled_names(one.hazards),
        estate=one.estate,
    )  # fmt: skip


def _window(one: Window, register: Register, now: datetime, member: Member) -> PlannedView:
    state = _state(one.starts_at, one.ends_at, one.ended_at, now)
    names = [named(item, register) for item in one.equipment]
    names += [register.places.address(one.place_id)] if one.place_id in register.places and one.place_id else []
    accepts = one.accepted_at is None and runs_estate(register, member) and is_visit(register, one)
    return PlannedView(
        one.id, state, register.party(one.party_id).names, tuple(names), one.starts_at, one.ends_at, one.ended_at,
        may_end=may_open(register, member, one) and state != "over", reason=one.reason, hazards=one.hazards,
        held=one.held, accepted=one.accepted_at is not None, may_accept=accepts,
    )  # fmt: skip


def groups_of(register: Register, equipment: Iterable[str]) -> list[Group]:
    """By building, as it stands in the register."""
    found: dict[str, list[Choice]] = defaultdict(list)
    for id_ in equipment:
        found[register.building_of(register.equipment[id_].place_id)].append(Choice(id_, register.names_of(id_)))
    return [Group(register.places.get(building).names, tuple(items)) for building, items in sorted(found.items())]
