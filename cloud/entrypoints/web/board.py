"""The board: which rows it shows in which order, and the facets by which a visitor narrows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from cloud.application.asking.board_view import is_unanswered_alarm
from cloud.application.asking.building_views import LiftStand
from cloud.application.asking.part_views import ClockView
from cloud.application.asking.views import BoardView, FloodView, TaskView
from cloud.domain.community.saved_view import SavedView
from cloud.domain.duties.register import Register
from cloud.domain.tasks.clock import ClockKind, ClockState
from cloud.domain.tasks.task import TaskState
from cloud.entrypoints.web.filters import Facets, Filter, Narrowing

ROWS: Final = 1000
"""Rows drawn at once; the most urgent ones. The rest is counted, and filters reach it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A task on the board. `stand`: where its lift stands, where that matters. `revision` changes whenever anything in the row does that a person would notice."""

    task: TaskView
    clock: ClockView | None
    unanswered: bool
    revision: str
    stand: LiftStand | None = None


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
class Kept:
    """A view that the visitor has saved. `current`: it is what they look at."""

    id: str
    name: str
    url: str
    current: bool


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
    facets: Sequence[Facets]
    saved: Sequence[Kept]
    all_count: int
    mine_count: int


def running_clock(task: TaskView) -> ClockView | None:
    """The clock that matters now: to answer while nobody ever has, then to resolve; none once it is resolved."""
    answered = any(clock.kind is ClockKind.TTO and clock.met_at for clock in task.clocks)
    first = ClockKind.TTR if answered else ClockKind.TTO
    wanted = {TaskState.NEW: first, TaskState.ACKNOWLEDGED: ClockKind.TTR, TaskState.IN_PROGRESS: ClockKind.TTR}
    return next((clock for clock in task.clocks if clock.kind is wanted.get(task.state)), None)


def _row(task: TaskView, stand: LiftStand | None) -> Row:
    parts = ",".join(f"{part.party.id}:{part.state}" for part in task.assignments)
    allowed = ",".join(task.allowed)
    revision = f"{task.revision}|{task.severity}|{task.raises}|{task.firing}|{task.hidden_by}|{parts}|{allowed}"
    revision += stand.revision if stand else ""
    return Row(task, running_clock(task), is_unanswered_alarm(task), revision, stand)


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


def arrange(
    view: BoardView,
    registers: Register | Mapping[str, Register],
    wanted: Filter,
    saved: Sequence[SavedView] = (),
    stands: Mapping[str, LiftStand] = MappingProxyType({}),
) -> Board:
    """Rows, facets and the views that the visitor has saved. `registers`: of the estate, or of several by their ids; `stands`: by
    equipment, where lifts stand.
    """
    several = {registers.estate.id: registers} if isinstance(registers, Register) else registers
    narrowing = Narrowing(view.tasks, several)
    rows = [_row(task, stands.get(task.equipment.id)) for task in narrowing.shown(wanted)]
    visible = [row for row in rows if row.task.hidden_by is None]
    opened = next((flood for flood in view.floods if wanted.flood in flood.incidents), None)
    if opened is not None:
        visible = [row for row in visible if row.task.incident_id in opened.incidents]
    shown_as = visible if opened is not None else _fold(visible, view.floods, wanted)
    return Board(
        view=view,
        filter=wanted,
        rows=shown_as[:ROWS],
        opened=opened,
        hidden=[row for row in rows if row.task.hidden_by is not None][:ROWS],
        left_out=max(len(shown_as) - ROWS, 0),
        alarms=[task for task in view.tasks if is_unanswered_alarm(task)],
        facets=narrowing.facets(wanted),
        saved=[_kept(one, wanted) for one in saved],
        all_count=len(narrowing.shown(replace(wanted, mine=False))),
        mine_count=len(narrowing.shown(replace(wanted, mine=True))),
    )


def _kept(one: SavedView, wanted: Filter) -> Kept:
    chosen = Filter.saved(one.query, wanted.estate)
    return Kept(one.id, one.name, chosen.url, current=chosen == wanted.without_flood)
