"""What a list goes out as: its rows, read piece by piece as the list is, and the columns of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Names
from cloud.entrypoints.api.access import CurrentMember, CurrentOperator, EstateId, Given
from cloud.entrypoints.api.files import Cell, Row
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.services import Services

STRETCH: Final = 200
"""Rows asked of the storage at once."""

Columns = Mapping[str, Callable[[Any], Cell]]
_Item = TypeVar("_Item")
_Place = TypeVar("_Place")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a file, and of which estate."""

    services: Services
    member: Identity
    estate: str


def as_member(services: Given, member: CurrentMember, estate: EstateId) -> Asked:
    return Asked(services, member, estate)


def as_operator(services: Given, member: CurrentOperator, estate: EstateId) -> Asked:
    return Asked(services, member, estate)


def as_neighbour(services: Given, member: CurrentNeighbour, estate: SharedEstate) -> Asked:
    return Asked(services, member, estate)


@dataclass(frozen=True, slots=True)
class Export:
    """One list as a file. `of`: the path of the list, beneath the interface's own; `door`: the entrance that the list has."""

    of: str
    summary: str
    door: Callable[..., Asked]
    items: Callable[[Asked], Iterable[Any]]
    columns: Columns

    def rows(self, asked: Asked) -> Iterator[Row]:
        for item in self.items(asked):
            yield {name: column(item) for name, column in self.columns.items()}


def through(read: Callable[[_Place | None], Sequence[_Item]], position: Callable[[_Item], _Place]) -> Iterator[_Item]:
    """All of a list that the storage gives stretch by stretch, each after the last one of the stretch before."""
    before: _Place | None = None
    while stretch := read(before):
        yield from stretch
        before = position(stretch[-1])


def fields(*names: str) -> Columns:
    """Columns that are called as the item calls them."""
    return {name: _field(name) for name in names}


def of_its(name: str, columns: Columns) -> Columns:
    """The same columns of a part of the item."""

    def reads(column: Any) -> Any:
        return lambda one: column(getattr(one, name))

    return {key: reads(column) for key, column in columns.items()}


def both(name: str, names: Callable[[Any], Names | None]) -> Columns:
    """What something is called, in both languages."""
    return {f"{name}_zh": lambda one: (names(one) or _UNSAID).zh, f"{name}_en": lambda one: (names(one) or _UNSAID).en}


_UNSAID: Final = Names("", "")


def listed(values: Iterable[object]) -> str:
    """Several values in one cell."""
    return "; ".join(str(value) for value in values)


def day(value: date | None) -> str | None:
    """A day of the estate's own calendar, which has no hour and no zone."""
    return None if value is None else value.isoformat()


def _field(name: str) -> Callable[[Any], Cell]:
    def read(item: Any) -> Cell:
        value: Cell = getattr(item, name)
        return value

    return read
