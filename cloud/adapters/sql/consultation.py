"""Topics, ballots and what belongs to them, on SQL. Kept whole as JSON; what is searched by stands beside it in columns."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Table, and_, delete, func, insert, select, update

from cloud.adapters.sql import consultation_tables as t
from cloud.adapters.sql.alone import held
from cloud.adapters.sql.consultation_history import SqlHistory
from cloud.adapters.sql.newest_first import newest_first
from cloud.adapters.sql.upserting import upsert
from cloud.application.positions import Position, TopicPosition
from cloud.domain.consultation.ballot import Ballot, Channel, Choice, Vote
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.roll import Owner
from cloud.domain.consultation.terms import Terms
from cloud.domain.consultation.topic import Topic
from cloud.errors import Conflict

_TOPIC = TypeAdapter(Topic)
_BALLOT = TypeAdapter(Ballot)
_PETITION = TypeAdapter(Petition)
_TERMS = TypeAdapter(Terms)


class SqlConsultation:
    """Implements `consultation_ports.ConsultationBook`."""

    def __init__(self, connection: Connection) -> None:
        self.topics = SqlTopics(connection)
        self.ballots = SqlBallots(connection)
        self.petitions = SqlPetitions(connection)
        self.roll = SqlRolls(connection)
        self.terms = SqlTerms(connection)
        self.history = SqlHistory(connection)


class SqlTopics:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, topic_id: str) -> Topic | None:
        query = held(self._connection, select(t.topics).where(t.topics.c.id == topic_id))
        row = self._connection.execute(query).one_or_none()
        return _TOPIC.validate_json(row.body) if row else None

    def of(self, estate: str, limit: int = 100, before: TopicPosition | None = None) -> Sequence[Topic]:
        """Two lists one after the other, each in the order of its index."""
        found: list[Topic] = []
        for over in (False, True):
            if before is None or before.over <= over:
                last = (before.at, before.id) if before is not None and before.over is over else None
                found += self._stretch(estate, limit - len(found), last, over=over)
        return found

    def _stretch(self, estate: str, limit: int, before: Position | None, *, over: bool) -> list[Topic]:
        table = t.topics
        over_at = table.c.over_at
        query = select(table).where(table.c.estate == estate, over_at.is_not(None) if over else over_at.is_(None))
        rows = self._connection.execute(newest_first(query, table.c.opened_at, table.c.id, limit, before))
        return [_TOPIC.validate_json(row.body) for row in rows]

    def open_under(self, estate: str, key: str) -> Topic | None:
        table = t.topics
        same = (table.c.estate == estate, table.c.key == key, table.c.over_at.is_(None))
        row = self._connection.execute(select(table).where(*same)).one_or_none()
        return _TOPIC.validate_json(row.body) if row else None

    def settled(self, estate: str) -> Mapping[str, datetime]:
        table = t.topics
        over = (table.c.estate == estate, table.c.over_at.is_not(None))
        query = select(table.c.key, func.max(table.c.over_at).label("over_at")).where(*over).group_by(table.c.key)
        return {row.key: row.over_at for row in self._connection.execute(query)}

    def due(self, now: datetime, limit: int = 1) -> Sequence[Topic]:
        query = select(t.topics).where(t.topics.c.due_at <= now).order_by(t.topics.c.due_at).limit(limit)
        # SQLite has one writer, so the transaction is the claim; PostgreSQL leaves to others what we hold.
        rows = self._connection.execute(query.with_for_update(skip_locked=True))
        return [_TOPIC.validate_json(row.body) for row in rows]

    def save(self, topic: Topic) -> None:
        seen = topic.revision
        topic.revision = seen + 1
        row = {
            "id": topic.id,
            "estate": topic.estate,
            "key": topic.key,
            "state": topic.state.value,
            "opened_at": topic.opened_at,
            "over_at": topic.over_at,
            "due_at": topic.due_at,
            "revision": topic.revision,
            "body": _TOPIC.dump_json(topic).decode(),
        }
        _save(self._connection, t.topics, row, seen)


class SqlBallots:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, ballot_id: str) -> Ballot | None:
        query = held(self._connection, select(t.ballots).where(t.ballots.c.id == ballot_id))
        row = self._connection.execute(query).one_or_none()
        return _BALLOT.validate_json(row.body) if row else None

    def of_topic(self, topic_id: str) -> Sequence[Ballot]:
        query = (
            select(t.ballots).where(t.ballots.c.topic_id == topic_id).order_by(t.ballots.c.opened_at, t.ballots.c.id)
        )
        return [_BALLOT.validate_json(row.body) for row in self._connection.execute(query)]

    def count(self, estate: str) -> int:
        query = select(func.count()).select_from(t.ballots).where(t.ballots.c.estate == estate)
        return self._connection.execute(query).scalar_one()

    def of_estate(self, estate: str, limit: int = 50, before: Position | None = None) -> Sequence[Ballot]:
        query = select(t.ballots).where(t.ballots.c.estate == estate)
        ordered = newest_first(query, t.ballots.c.opened_at, t.ballots.c.id, limit, before)
        return [_BALLOT.validate_json(row.body) for row in self._connection.execute(ordered)]

    def due(self, now: datetime, limit: int = 1) -> Sequence[Ballot]:
        query = select(t.ballots).where(t.ballots.c.due_at <= now).order_by(t.ballots.c.due_at).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True))
        return [_BALLOT.validate_json(row.body) for row in rows]

    def save(self, ballot: Ballot) -> None:
        seen = ballot.revision
        ballot.revision = seen + 1
        row = {
            "id": ballot.id,
            "estate": ballot.estate,
            "topic_id": ballot.topic_id,
            "state": ballot.state.value,
            "opened_at": ballot.opened_at,
            "due_at": ballot.due_at,
            "revision": ballot.revision,
            "body": _BALLOT.dump_json(ballot).decode(),
            "named_since": ballot.closed_at if ballot.forgotten_at is None else None,
        }
        _save(self._connection, t.ballots, row, seen)

    def outlived(self, before: datetime, limit: int = 20) -> Sequence[Ballot]:
        table = t.ballots
        query = select(table).where(table.c.named_since < before).order_by(table.c.named_since, table.c.id)
        return [_BALLOT.validate_json(row.body) for row in self._connection.execute(query.limit(limit))]

    def forget_votes(self, ballot_id: str, owners: Collection[str] | None = None) -> int:
        which = t.votes.c.ballot_id == ballot_id
        if owners is not None:
            which = and_(which, t.votes.c.owner.in_(sorted(owners)))
        return self._connection.execute(delete(t.votes).where(which)).rowcount

    def votes(self, ballot_id: str) -> Sequence[Vote]:
        query = select(t.votes).where(t.votes.c.ballot_id == ballot_id).order_by(t.votes.c.id)
        return [_vote(row) for row in self._connection.execute(query)]

    def vote(self, vote_id: str) -> Vote | None:
        row = self._connection.execute(select(t.votes).where(t.votes.c.id == vote_id)).one_or_none()
        return _vote(row) if row else None

    def put(self, vote: Vote) -> None:
        row = {column.name: getattr(vote, column.name) for column in t.votes.columns}
        self._connection.execute(insert(t.votes), {**row, "choice": vote.choice.value, "channel": vote.channel.value})

    def confirm(self, vote: Vote) -> None:
        unconfirmed = (t.votes.c.id == vote.id, t.votes.c.confirmed_by.is_(None))
        values = {"confirmed_by": vote.confirmed_by, "confirmed_at": vote.confirmed_at}
        if self._connection.execute(update(t.votes).where(*unconfirmed).values(values)).rowcount != 1:
            raise Conflict("Somebody confirmed this vote meanwhile.", "这张选票已由他人确认")


class SqlPetitions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, petition_id: str) -> Petition | None:
        query = held(self._connection, select(t.petitions).where(t.petitions.c.id == petition_id))
        row = self._connection.execute(query).one_or_none()
        return _PETITION.validate_json(row.body) if row else None

    def outlived(self, before: datetime, limit: int = 20) -> Sequence[Petition]:
        table = t.petitions
        query = select(table).where(table.c.named_since < before).order_by(table.c.named_since, table.c.id)
        return [_PETITION.validate_json(row.body) for row in self._connection.execute(query.limit(limit))]

    def of(self, estate: str, limit: int = 50, before: Position | None = None) -> Sequence[Petition]:
        query = select(t.petitions).where(t.petitions.c.estate == estate)
        ordered = newest_first(query, t.petitions.c.started_at, t.petitions.c.id, limit, before)
        return [_PETITION.validate_json(row.body) for row in self._connection.execute(ordered)]

    def save(self, petition: Petition) -> None:
        seen = petition.revision
        petition.revision = seen + 1
        row = {
            "id": petition.id,
            "estate": petition.estate,
            "started_at": petition.started_at,
            "revision": petition.revision,
            "body": _PETITION.dump_json(petition).decode(),
            "named_since": petition.started_at if petition.lapsed_at is None else None,
        }
        _save(self._connection, t.petitions, row, seen)


class SqlRolls:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str) -> tuple[Owner, ...]:
        table = t.electoral_roll
        rows = self._connection.execute(select(table).where(table.c.estate == estate).order_by(table.c.owner))
        return tuple(Owner(row.owner, Decimal(row.area), tuple(json.loads(row.units)), row.member_id) for row in rows)

    def replace(self, estate: str, owners: Sequence[Owner]) -> None:
        table = t.electoral_roll
        self._connection.execute(delete(table).where(table.c.estate == estate))
        rows = [
            {
                "estate": estate,
                "owner": one.id,
                "area": str(one.area),
                "units": json.dumps(one.units, ensure_ascii=False),
                "member_id": one.member_id,
            }
            for one in owners
        ]
        if rows:
            self._connection.execute(insert(table), rows)


class SqlTerms:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str) -> Terms:
        table = t.consultation_terms
        row = self._connection.execute(select(table).where(table.c.estate == estate)).one_or_none()
        return _TERMS.validate_json(row.body) if row else Terms()

    def save(self, estate: str, terms: Terms) -> None:
        row = {"estate": estate, "body": _TERMS.dump_json(terms).decode()}
        upsert(self._connection, t.consultation_terms, [row])


def _save(connection: Connection, table: Table, row: dict[str, Any], seen: int) -> None:
    """Insert what is new; change what nobody changed since it was read."""
    if seen == 0:
        connection.execute(insert(table), row)
        return
    same = (table.c.id == row["id"], table.c.revision == seen)
    if connection.execute(update(table).where(*same).values(row)).rowcount != 1:
        raise Conflict("Somebody else changed this meanwhile: reload it.", "已被他人更新，请刷新")


def _vote(row: Row[Any]) -> Vote:
    return Vote(
        row.id, row.ballot_id, row.owner, Choice(row.choice), Channel(row.channel), row.at, row.entered_by, row.salt,
        row.delegate, row.confirmed_by, row.confirmed_at,
    )  # fmt: skip
