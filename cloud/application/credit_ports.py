"""What credit needs from outside: a book of entries that only grows, the published tables, and the tasks of a period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from cloud.application.positions import Position
from cloud.domain.credit.account import CreditEntry, EntryKind
from cloud.domain.credit.table import ActKind, CreditTable
from cloud.domain.tasks.task import Task


class CreditBook(Protocol):
    """Entries are added and read; nothing changes or removes one."""

    def lock(self, estate: str) -> None:
        """From here to the end of the unit of work nobody else grants in that estate, so that caps hold."""
        ...

    def add(self, entries: Sequence[CreditEntry]) -> None: ...

    def get(self, entry_id: str) -> CreditEntry | None: ...

    def of_acts(self, estate: str, prefix: str) -> Sequence[CreditEntry]:
        """Entries of the acts whose id begins so, the oldest first."""
        ...

    def of_day(self, estate: str, member_ids: Collection[str], day: date) -> Sequence[CreditEntry]:
        """What these members were granted for that day, and what was taken back of it."""
        ...

    def statement(
        self, estate: str, member_id: str, *, limit: int, before: Position | None = None
    ) -> Sequence[CreditEntry]:
        """A member's entries, newest first; those that follow (at, id) `before`."""
        ...

    def balance(self, estate: str, member_id: str) -> int: ...

    def standing(self, estate: str, limit: int) -> Sequence[CreditEntry]:
        """Of all accounts the latest that paid something and was not taken back, newest first."""
        ...

    def sums(self, estate: str) -> Mapping[tuple[ActKind, EntryKind], tuple[int, int]]:
        """By kind of act and of entry: the points, and how many entries."""
        ...

    def accounts(self, estate: str) -> int:
        """How many members have an entry."""
        ...


class CreditTables(Protocol):
    """What was published, by version; a version's content never changes."""

    def latest(self, estate: str) -> CreditTable | None: ...

    def get(self, estate: str, version: int) -> CreditTable | None: ...

    def publish(self, estate: str, table: CreditTable, at: datetime) -> None: ...


class RatedTasks(Protocol):
    def within(self, estate: str, since: datetime, until: datetime) -> Sequence[Task]:
        """Tasks that were open at some moment between the two."""
        ...
