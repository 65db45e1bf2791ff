"""The board: which rows it shows in which order, and the facets by which a visitor narrows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from cloud.application.asking.part_views import ClockView
from cloud.application.asking.views import BoardView, TaskView
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.tasks.clock import ClockKind
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

    @property
    def url(self) -> str:
        chosen = {"estate": self.estate, "hazard": self.family, "place": self.place, "mine": "1" if self.mine else None}
        query = urlencode({key: value for key, value in chosen.items() if value})
        return f"/?{query}" if query else "/"

    def with_mine(self, mine: bool) -> Filter:
        return replace(self, mine=mine)

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
class Board:
    """What the board's template shows. `alarms`: life-safety tasks that nobody has acknowledged, filtered or not."""

    view: BoardView
    filter: Filter
    rows: Sequence[Row]
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
    families = Counter(map(family_of, shown(view.tasks, replace(wanted, family=None))))
    places = Counter(map(building_of, shown(view.tasks, replace(wanted, place=None))))
    return Board(
        view=view,
        filter=wanted,
        rows=visible[:ROWS],
        hidden=[row for row in rows if row.task.hidden_by is not None][:ROWS],
        left_out=max(len(visible) - ROWS, 0),
        alarms=[task for task in view.tasks if is_unanswered_alarm(task)],
        families=_facets(families, wanted.family, lambda _: None, lambda key: replace(wanted, family=key).url),
        places=_facets(places, wanted.place, place_names, lambda key: replace(wanted, place=key).url),
        all_count=len(shown(view.tasks, replace(wanted, mine=False))),
        mine_count=len(shown(view.tasks, replace(wanted, mine=True))),
    )
