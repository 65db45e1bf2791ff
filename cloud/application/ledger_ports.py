"""What keeping records needs from outside: the ledger, personal data beside the ledger, and the heads that were published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cloud.domain.records.ledger import Draft, Entry, Head
from cloud.domain.records.personal import PersonalClass, PersonalRecord


class LedgerBook(Protocol):
    def hold(self, estate: str) -> None:
        """Nobody else writes of this estate until this unit of work ends. Whoever will change its alerts, incidents, tasks
        or messages does this first, before reading them: of two alarms at once the second finds what the first has led to,
        and no two wait for each other. Repeating it costs nothing.
        """
        ...

    def append(self, estate: str, drafts: Sequence[Draft]) -> Sequence[Entry]:
        """Append in this transaction: the sequence is commit order."""
        ...

    def head(self, estate: str) -> Head: ...

    def reached(self, estates: Collection[str]) -> Mapping[str, int]:
        """The sequence each of these estates has come to, asked for at once; those without an entry are left out."""
        ...

    def since(self, estate: str, seq: int, limit: int = 500) -> Sequence[Entry]:
        """Entries after `seq`, oldest first."""
        ...

    def of_incident(self, incident_id: str) -> Sequence[Entry]: ...

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Entry]:
        """Entries that were made from `start` until before `end`, oldest first."""
        ...


class PersonalStore(Protocol):
    """Personal data by its own key. Members' notes are in it too (`ports.Notes` puts them there)."""

    def put(self, record: PersonalRecord) -> None: ...

    def get(self, record_id: str) -> PersonalRecord | None: ...

    def of_subject(self, estate: str, subject: str) -> Sequence[PersonalRecord]:
        """What is kept of one person, erased places included, oldest first."""
        ...

    def of_estate(self, estate: str, limit: int = 1000) -> Sequence[PersonalRecord]:
        """What is kept and not erased, oldest first."""
        ...

    def outlived(self, sort: PersonalClass, before: datetime, limit: int = 200) -> Sequence[PersonalRecord]:
        """Kept since before that moment and not erased, its incident, if any, closed before it too; oldest first."""
        ...

    def erase(self, record: PersonalRecord) -> None:
        """Overwrite its words and its salt, on the disk too, as far as the storage can."""
        ...

    def shred(self) -> None:
        """What this unit of work frees, in whichever table, is overwritten on the disk, as far as the storage can."""
        ...

    def last_look(self, estate: str, member_id: str, about: str) -> datetime | None:
        """When it was last noted that the member looks."""
        ...

    def first_look(self, estate: str, member_id: str, about: str, now: datetime, since: datetime) -> bool:
        """Take note that the member looks. False when the last look that was noted is not older than `since`."""
        ...


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """A head as it was made public, and when."""

    seq: int
    hash: str
    at: datetime

    @property
    def head(self) -> Head:
        return Head(self.seq, self.hash)


class PublishedHeads(Protocol):
    """Heads once published; they are never changed."""

    def add(self, estate: str, published: PublishedHead) -> None: ...

    def latest(self, estate: str, limit: int = 1, *, before: int | None = None) -> Sequence[PublishedHead]:
        """The newest first; only those below the sequence `before`."""
        ...
