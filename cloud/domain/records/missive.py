"""A message that belongs to no task: to a member through their own ways, or to the address that a caller has left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names

LEASE: Final = timedelta(seconds=30)
"""How long a claim lasts: what a worker had in hand when it died is sent by another after this."""

PAUSE: Final = timedelta(minutes=5)
"""After the first round in vain; it doubles with each."""

MOST_ROUNDS: Final = 6
"""Through every way so often, over some five hours; then it is given up."""


class Subject(StrEnum):
    """What it is about, as it stands on the ledger."""

    EXERCISE_PLANNED = "exercise_planned"
    EXERCISE_CALLED_OFF = "exercise_called_off"
    EXERCISE_OVER = "exercise_over"
    REPORT_LINK = "report_link"
    NEED_ANSWERED = "need_answered"
    NEED_TAKEN_UP = "need_taken_up"
    NEED_MET = "need_met"


OF_NEEDS: Final = frozenset({Subject.NEED_ANSWERED, Subject.NEED_TAKEN_UP, Subject.NEED_MET})
"""What whoever posted a need is told about it."""


@dataclass(frozen=True, slots=True)
class Missive:
    """`about`: the exercise, the report or the need. `member_id` is read by, for `party_id`; of a caller neither is known, and their
    address stands among the personal data until it is erased. `next_at` None: nothing is left to do with it.

    `claims`: how often a worker has taken it in hand; who holds the last claim settles it.
    """

    id: str
    estate: str
    subject: Subject
    about: str
    words: Names
    created_at: datetime
    next_at: datetime | None
    party_id: str | None = None
    member_id: str | None = None
    claims: int = 0
    rounds: int = 0
    tried: tuple[str, ...] = ()
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def settled_at(self) -> datetime | None:
        """Since when nothing is left to do with it."""
        return self.sent_at or self.failed_at or self.withdrawn_at if self.next_at is None else None

    def claimed(self, now: datetime) -> Missive:
        return replace(self, next_at=now + LEASE, claims=self.claims + 1)

    def sent(self, now: datetime) -> Missive:
        return replace(self, sent_at=now, next_at=None)

    def withdrawn(self, now: datetime) -> Missive:
        return replace(self, withdrawn_at=now, next_at=None)

    def waits(self, until: datetime) -> Missive:
        return replace(self, next_at=until)

    def failed(self, contact: Contact | None, now: datetime, *, others: bool) -> Missive:
        """The next way at once; after the last of them all ways again in a while, for a provider may be down."""
        if contact is not None and others:
            return replace(self, tried=(*self.tried, contact.key), next_at=now)
        rounds = self.rounds + 1
        if rounds >= MOST_ROUNDS:
            return replace(self, rounds=rounds, failed_at=now, next_at=None)
        return replace(self, rounds=rounds, tried=(), next_at=now + PAUSE * 2 ** (rounds - 1))
