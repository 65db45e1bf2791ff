"""The board: which rows it shows in which order, and the facets by which a visitor narrows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from cloud.application.asking.part_views import ClockView
from cloud.application.asking.views import BoardView, FloodView, TaskView
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.tasks.clock import ClockKind, ClockState
from cloud.domain.tasks.task import TaskState
from schemas.hazards import hazard

ROWS: Final = 200
"""Rows drawn at once; the most urgent ones. The rest is counted, and filters reach it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What the visitor wants to see, as it stands in the address."""

    family: str | None = None
    place: str | None = None
    mine: bool = False
    estate: str | None = None
    flood: str | None = None
    """An incident: what was folded with it is shown, one by one."""

    @property
    def url(self) -> str:
        chosen = {"estate": self.estate, "hazard": self.family, "place": self.place, "mine": "1" if self.mine else None}
        chosen["flood"] = self.flood
        query = urlencode({key: value for key, value in chosen.items() if value})
        return f"/?{query}" if query else "/"

    def with_mine(self, mine: bool) -> Filter:
        return replace(self, mine=mine)

    @property
    def without_flood(self) -> Filter:
        return replace(self, flood=None)

    @property
    def narrows(self) -> bool:
        return bool(self.family or self.place or self.mine)


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the board. `names` None: the template has the word for `key`."""

    key: str
    names: Names | None
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A task on the board. `revision` changes whenever anything in the row does that a person would notice."""

    task: TaskView
    clock: ClockView | None
    unanswered: bool
    revision: str


@dataclass(frozen=True, slots=True)
class Folded:
    """The tasks of a flood as one entry, the most urgent first. Its address shows them one by one."""

    flood: FloodView
    rows: Sequence[Row]
    url: str

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def unanswered(self) -> int:
        return sum(row.task.state is TaskState.NEW for row in self.rows)

    @property
    def overdue(self) -> int:
        return sum(row.clock is not None and row.clock.state is ClockState.BREACHED for row in self.rows)

    @property
    def revision(self) -> str:
        return f"{len(self.rows)}|{self.unanswered}|{self.overdue}|{self.first.task.severity}|{self.flood.words.en}"


@dataclass(frozen=True, slots=True)
class Board:
    """What the board's template shows. `alarms`: life-safety tasks that nobody has acknowledged, filtered or not.
    `opened`: the flood whose tasks are shown one by one.
    """

    view: BoardView
    filter: Filter
    rows: Sequence[Row | Folded]
    opened: FloodView | None
    hidden: Sequence[Row]
    left_out: int
    alarms: Sequence[TaskView]
    families: Sequence[Facet]
    places: Sequence[Facet]
    all_count: int
    mine_count: int


def running_clock(task: TaskView) -> ClockView | None:
    """The clock that matters now: to answer while nobody ever has, then to resolve; none once it is resolved."""
    answered = any(clock.kind is ClockKind.TTO and clock.met_at for clock in task.clocks)
    first = ClockKind.TTR if answered else ClockKind.TTO
    wanted = {TaskState.NEW: first, TaskState.ACKNOWLEDGED: ClockKind.TTR, TaskState.IN_PROGRESS: ClockKind.TTR}
    return next((clock for clock in task.clocks if clock.kind is wanted.get(task.state)), None)


def is_unanswered_alarm(task: TaskView) -> bool:
    """What the banner and the sound are for: a life may be at stake and nobody has said that they are on it."""
    return task.life_safety and task.state is TaskState.NEW and task.mode == "real"


def _row(task: TaskView) -> Row:
    parts = ",".join(f"{part.party.id}:{part.state}" for part in task.assignments)
    allowed = ",".join(task.allowed)
    revision = f"{task.revision}|{task.severity}|{task.raises}|{task.firing}|{task.hidden_by}|{parts}|{allowed}"
    return Row(task, running_clock(task), is_unanswered_alarm(task), revision)


def _facets(
    counts: Mapping[str, int],
    chosen: str | None,
    names: Callable[[str], Names | None],
    url: Callable[[str | None], str],
) -> list[Facet]:
    keys = sorted(counts.keys() | ({chosen} if chosen else set()), key=lambda key: (-counts.get(key, 0), key))
    return [
        Facet(key, names(key), counts.get(key, 0), url(None if key == chosen else key), current=key == chosen)
        for key in keys
    ]


def _fold(rows: Sequence[Row], floods: Sequence[FloodView], wanted: Filter) -> list[Row | Folded]:
    """A flood is one entry, where its most urgent task stands - unless a filter shows only some of it."""
    seen = {row.task.incident_id for row in rows}
    of = {incident: flood for flood in floods if flood.incidents <= seen for incident in flood.incidents}
    entries: list[Row | Folded] = []
    done: set[str] = set()
    for row in rows:
        flood = of.get(row.task.incident_id)
        if flood is None:
            entries.append(row)
        elif flood.id not in done:
            done.add(flood.id)
            within = [one for one in rows if one.task.incident_id in flood.incidents]
            entries.append(Folded(flood, within, replace(wanted, flood=flood.id).url))
    return entries


def arrange(view: BoardView, register: Register, wanted: Filter) -> Board:
    """Rows and facets; a facet counts what choosing it would show, whatever is chosen in it now."""

    def family_of(task: TaskView) -> str:
        return hazard(task.hazard).family

    def building_of(task: TaskView) -> str:
        return register.building_of(task.place.id)

    def shown(tasks: Sequence[TaskView], f: Filter) -> list[TaskView]:
        return [
            task
            for task in tasks
            if (f.family is None or family_of(task) == f.family)
            and (f.place is None or building_of(task) == f.place)
            and (task.mine or not f.mine)
        ]

    def place_names(place_id: str) -> Names | None:
        known = place_id in register.places
        return register.places.get(place_id).names if known else Names(place_id, place_id)

    rows = [_row(task) for task in shown(view.tasks, wanted)]
    visible = [row for row in rows if row.task.hidden_by is None]
    opened = next((flood for flood in view.floods if wanted.flood in flood.incidents), None)
    if opened is not None:
        visible = [row for row in visible if row.task.incident_id in opened.incidents]
    shown_as = visible if opened is not None else _fold(visible, view.floods, wanted)
    families = Counter(map(family_of, shown(view.tasks, replace(wanted, family=None))))
    places = Counter(map(building_of, shown(view.tasks, replace(wanted, place=None))))
    return Board(
        view=view,
        filter=wanted,
        rows=shown_as[:ROWS],
        opened=opened,
        hidden=[row for row in rows if row.task.hidden_by is not None][:ROWS],
        left_out=max(len(shown_as) - ROWS, 0),
        alarms=[task for task in view.tasks if is_unanswered_alarm(task)],
        families=_facets(families, wanted.family, lambda _: None, lambda key: replace(wanted, family=key).url),
        places=_facets(places, wanted.place, place_names, lambda key: replace(wanted, place=key).url),
        all_count=len(shown(view.tasks, replace(wanted, mine=False))),
        mine_count=len(shown(view.tasks, replace(wanted, mine=True))),
    )
