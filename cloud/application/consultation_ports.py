"""What consulting people needs from outside: topics, ballots with their votes, petitions, the roll, terms, and history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cloud.application.positions import Position, TopicPosition
from cloud.domain.consultation.ballot import Ballot, Vote
from cloud.domain.consultation.patterns import DeclinedTask, PastIncident
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.roll import Owner
from cloud.domain.consultation.terms import Terms
from cloud.domain.consultation.topic import Topic


class Topics(Protocol):
    def get(self, topic_id: str) -> Topic | None: ...

    def of(self, estate: str, limit: int = 100, before: TopicPosition | None = None) -> Sequence[Topic]:
        """Those that are not over first, then the newest first, from the one on that follows `before`."""
        ...

    def open_under(self, estate: str, key: str) -> Topic | None:
        """The one about that pattern that is not over."""
        ...

    def settled(self, estate: str) -> Mapping[str, datetime]:
        """By pattern, when the last topic about it was over."""
        ...

    def due(self, now: datetime, limit: int = 1) -> Sequence[Topic]:
        """Those at which time has to look, claimed for this unit of work."""
        ...

    def save(self, topic: Topic) -> None:
        """Raises cloud.errors.Conflict when somebody saved it since it was read."""
        ...


class Ballots(Protocol):
    def get(self, ballot_id: str) -> Ballot | None: ...

    def of_topic(self, topic_id: str) -> Sequence[Ballot]:
        """Oldest first."""
        ...

    def count(self, estate: str) -> int: ...

    def of_estate(self, estate: str, limit: int = 50, before: Position | None = None) -> Sequence[Ballot]:
        """Newest first, from the one on that follows `before`."""
        ...

    def due(self, now: datetime, limit: int = 1) -> Sequence[Ballot]:
        """Those whose time is up, claimed for this unit of work."""
        ...

    def save(self, ballot: Ballot) -> None:
        """Raises cloud.errors.Conflict when somebody saved it since it was read."""
        ...

    def outlived(self, before: datetime, limit: int = 20) -> Sequence[Ballot]:
        """Those that were closed before that moment and still name people."""
        ...

    def forget_votes(self, ballot_id: str, owners: Collection[str] | None = None) -> int:
        """The votes of these owners (None: all) are gone; how many there were."""
        ...

    def votes(self, ballot_id: str) -> Sequence[Vote]:
        """Everything ever cast or entered, changed votes included."""
        ...

    def vote(self, vote_id: str) -> Vote | None: ...

    def put(self, vote: Vote) -> None: ...

    def confirm(self, vote: Vote) -> None:
        """Raises cloud.errors.Conflict when somebody confirmed it since it was read."""
        ...


class Petitions(Protocol):
    def get(self, petition_id: str) -> Petition | None: ...

    def outlived(self, before: datetime, limit: int = 20) -> Sequence[Petition]:
        """Those that were started before that moment and still name people."""
        ...

    def of(self, estate: str, limit: int = 50, before: Position | None = None) -> Sequence[Petition]:
        """Newest first, from the one on that follows `before`."""
        ...

    def save(self, petition: Petition) -> None:
        """Raises cloud.errors.Conflict when somebody saved it since it was read."""
        ...


class Rolls(Protocol):
    def of(self, estate: str) -> tuple[Owner, ...]: ...

    def replace(self, estate: str, owners: Sequence[Owner]) -> None: ...


class TermsBook(Protocol):
    def of(self, estate: str) -> Terms:
        """The estate's own, or the defaults."""
        ...

    def save(self, estate: str, terms: Terms) -> None: ...


class History(Protocol):
    """What happened, as far as patterns and effects need it. Exercises are never in it."""

    def incidents(self, estate: str, since: datetime) -> Sequence[PastIncident]:
        """Those that opened since then, except what a cause hides."""
        ...

    def declined(self, estate: str, since: datetime, at_least: int) -> Sequence[DeclinedTask]:
        """Tasks that were declined that often since then, by the ledger."""
        ...

    def alarms(
        self, estate: str, since: datetime, until: datetime, *, equipment: str | None, hazard: str | None
    ) -> int:
        """How many were raised from `since` until before `until`."""
        ...

    def observed_since(self, estate: str) -> datetime | None:
        """When the estate's ledger begins."""
        ...


class ConsultationBook(Protocol):
    """Everything of it, in one unit of work."""

    @property
    def topics(self) -> Topics: ...
    @property
    def ballots(self) -> Ballots: ...
    @property
    def petitions(self) -> Petitions: ...
    @property
    def roll(self) -> Rolls: ...
    @property
    def terms(self) -> TermsBook: ...
    @property
    def history(self) -> History: ...
