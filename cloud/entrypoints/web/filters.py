"""How a visitor narrows the board: the filter in the address, and the facets that say what choosing each would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from cloud.application.asking.views import TaskView
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.tasks.task import TaskState
from cloud.entrypoints.web.language import N_
from schemas.hazards import Severity, hazard

IN_ADDRESS: Final[Mapping[str, str]] = {
    "estate": "estate",
    "family": "hazard",
    "place": "place",
    "party": "party",
    "state": "state",
    "severity": "severity",
    "mine": "mine",
    "flood": "flood",
}
"""What each part of a filter is called in the address."""

EVERY: Final = "all"
"""What stands for all estates of a member where the address names one."""


def asks_for_every(estate: str | None, estates: Collection[str]) -> bool:
    """Whether the address means all of these estates, and not one that is called so."""
    return estate == EVERY and EVERY not in estates and bool(estates)


AXES: Final = ("family", "place", "party", "state", "severity")
LIFE_SAFETY: Final = "life-safety"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the visitor wants to see, as it stands in the address."""

    family: str | None = None
    place: str | None = None
    party: str | None = None
    state: str | None = None
    severity: str | None = None
    mine: bool = False
    estate: str | None = None
    flood: str | None = None
    """An incident: what was folded with it is shown, one by one."""

    @property
    def _chosen(self) -> dict[str, str]:
        given = {word: getattr(self, name) for name, word in IN_ADDRESS.items()}
        return {word: "1" if value is True else value for word, value in given.items() if value}

    @property
    def url(self) -> str:
        query = urlencode(self._chosen)
        return f"/?{query}" if query else "/"

    @property
    def kept(self) -> Mapping[str, str]:
        """What a saved view keeps of it: neither the estate, in which it is kept, nor a flood, which passes."""
        return {word: value for word, value in self._chosen.items() if word not in ("estate", "flood")}

    @property
    def query(self) -> str:
        return urlencode(self.kept)

    @classmethod
    def saved(cls, query: str, estate: str | None) -> Filter:
        """The filter that a saved view keeps; words that the address has no longer are let go of."""
        given = dict(parse_qsl(query))
        kept = cls(mine="mine" in given, estate=estate)
        for name in AXES:
            kept = kept.along(name, given.get(IN_ADDRESS[name]))
        return kept

    def along(self, axis: str, key: str | None) -> Filter:
        """With that chosen along the axis, or nothing."""
        changed: dict[str, Any] = {axis: key}
        return replace(self, **changed)

    def with_mine(self, mine: bool) -> Filter:
        return replace(self, mine=mine)

    @property
    def without_flood(self) -> Filter:
        return replace(self, flood=None)

    @property
    def everything(self) -> Filter:
        return Filter(estate=self.estate)

    @property
    def narrows(self) -> bool:
        return bool(self.kept)


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow the board. `names` None: the template has the word for `key`."""

    key: str
    names: Names | None
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """The ways along one axis. `heading`: a message; `table`: where the words for keys without names stand."""

    axis: str
    heading: str
    table: str
    ways: Sequence[Facet]


def level(task: TaskView) -> str:
    """What is said of its severity."""
    return LIFE_SAFETY if task.life_safety else str(task.severity)


@dataclass(frozen=True, slots=True)
class Axis:
    """`order`: the keys in the order in which people think of them; without one, the most frequent first."""

    name: str
    heading: str
    table: str
    of: Callable[[TaskView], str]
    names: Callable[[str], Names | None] = lambda _: None
    order: Sequence[str] = ()


def axes(registers: Mapping[str, Register]) -> list[Axis]:
    """The board's axes over these estates, by their ids. Places and parties are the same in whichever they are found."""

    def place(place_id: str) -> Names:
        known = (one.places.get(place_id).names for one in registers.values() if place_id in one.places)
        return next(known, Names(place_id, place_id))

    def party(party_id: str) -> Names:
        known = (one.parties[party_id].names for one in registers.values() if party_id in one.parties)
        return next(known, Names(party_id, party_id))

    def building(task: TaskView) -> str:
        return registers[task.estate].building_of(task.place.id)

    severities = (LIFE_SAFETY, *(str(one) for one in sorted(Severity, key=lambda one: -one.rank)))
    states = tuple(str(one) for one in TaskState)
    return [
        Axis("family", N_("Hazard"), "family", lambda task: hazard(task.hazard).family),
        Axis("place", N_("Place"), "place", building, place),
        Axis("party", N_("Responsible"), "party", lambda task: task.responsible.id, party),
        Axis("state", N_("State"), "state", lambda task: str(task.state), order=states),
        Axis("severity", N_("Severity"), "severity", level, order=severities),
    ]


class Narrowing:
    """Tasks as they fall along the axes."""

    def __init__(self, tasks: Sequence[TaskView], registers: Mapping[str, Register]) -> None:
        self._axes = axes(registers)
        self._tasks = [(task, {axis.name: axis.of(task) for axis in self._axes}) for task in tasks]

    def shown(self, wanted: Filter) -> list[TaskView]:
        return [task for task, _ in self._within(wanted)]

    def _within(self, wanted: Filter) -> list[tuple[TaskView, dict[str, str]]]:
        chosen = {name: key for axis in self._axes if (key := getattr(wanted, name := axis.name)) is not None}
        return [
            (task, keys)
            for task, keys in self._tasks
            if (task.mine or not wanted.mine) and all(keys[name] == key for name, key in chosen.items())
        ]

    def facets(self, wanted: Filter) -> list[Facets]:
        """Each counts what choosing it would show, whatever is chosen along its own axis now."""
        return [self._along(axis, wanted) for axis in self._axes]

    def _along(self, axis: Axis, wanted: Filter) -> Facets:
        chosen: str | None = getattr(wanted, axis.name)
        elsewhere = wanted.without_flood.along(axis.name, None)
        counts = Counter(keys[axis.name] for _, keys in self._within(elsewhere))
        keys = counts.keys() | ({chosen} if chosen else set())
        rank = {key: n for n, key in enumerate(axis.order)}
        ordered = sorted(keys, key=lambda key: (rank.get(key, len(rank)), -counts[key], key))
        ways = [
            Facet(
                key,
                axis.names(key),
                counts[key],
                elsewhere.along(axis.name, None if key == chosen else key).url,
                current=key == chosen,
            )
            for key in ordered
        ]
        return Facets(axis.name, axis.heading, axis.table, ways)
