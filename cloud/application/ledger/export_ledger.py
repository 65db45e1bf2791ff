"""The ledger leaves the database, entry by entry, in the one spelling that any machine can check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.records.ledger import Entry, Head
from cloud.domain.records.ledger_file import Header, header_of, lines
from cloud.errors import Invalid, NotAllowed, NotFound

_STRETCH: Final = 1000
"""Entries that are in memory at once; each stretch is a view of its own, so a long export holds nobody up."""


@dataclass(frozen=True, slots=True)
class Export:
    """What will be written, and the lines of it. They can be read once."""

    header: Header
    lines: Iterator[str]

    @property
    def entries(self) -> int:
        return self.header.last - self.header.first + 1


class ExportLedger:
    """Raises NotFound, Invalid, and NotAllowed where the stretch holds what is not the viewer's to see: a file with holes
    could not be checked. While the lines are read, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, estate: str, viewer: Identity | None, *, since: int = 0, until: int | None = None) -> Export:
        """The entries after `since` up to `until`, by default to the head there is now."""
        with self._units.reading() as uow:
            if uow.registers.find(estate) is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            head = uow.ledger.head(estate)
            last = head.seq if until is None else until
            if not 0 <= since <= last <= head.seq:
                raise Invalid(
                    "Nothing was exported.",
                    [f"since, until: give numbers with 0 ≤ since ≤ until ≤ {head.seq}, the head; not {since}, {last}"],
                )
            begins, ends = _head_at(uow, estate, since), _head_at(uow, estate, last)
        self._look_through(estate, viewer, since, last)
        header = header_of(estate, begins, ends, self._clock.now())
        return Export(header, lines(header, self._entries(estate, since, last)))

    def _look_through(self, estate: str, viewer: Identity | None, since: int, last: int) -> None:
        while since < last:
            with self._units.reading() as uow:
                register = uow.registers.find(estate)
                sight = Sight(uow, register, viewer) if register else None
                if sight is None or sight.everything:
                    return
                stretch = uow.ledger.since(estate, since, min(_STRETCH, last - since))
                if len(sight.shown(stretch)) < len(stretch):
                    raise _not_all_yours()
            if not stretch:
                return
            since = stretch[-1].seq

    def _entries(self, estate: str, since: int, last: int) -> Iterator[Entry]:
        while since < last:
            with self._units.reading() as uow:
                stretch = uow.ledger.since(estate, since, min(_STRETCH, last - since))
            if not stretch:
                return
            yield from stretch
            since = stretch[-1].seq


def _not_all_yours() -> NotAllowed:
    return NotAllowed(
        "This stretch holds what concerns a home, or other parties alone. Ask who runs the estate or the street office for the"
        " file, or choose another stretch.",
        "这一段包含涉及住户或其他单位的内容。请向小区管理方或街道办索取，或另选一段",
    )


def _head_at(uow: UnitOfWork, estate: str, seq: int) -> Head:
    found = uow.ledger.since(estate, seq - 1, 1) if seq else ()
    return Head(seq, found[0].hash) if found else Head()
