"""Topics, ballots, votes, petitions, the electoral roll, and each estate's terms."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, text

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

topics = Table(
    "topics",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("key", String(320), nullable=False),
    Column("state", Word, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("over_at", Moment),
    Column("due_at", Moment, index=True),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "estate", "opened_at"),
    # One topic per pattern is open at a time, whoever looks for patterns and however often.
    Index(
        "uq_topics_open",
        "estate",
        "key",
        unique=True,
        sqlite_where=text("over_at IS NULL"),
    ),
)

ballots = Table(
    "ballots",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("topic_id", Id, ForeignKey("topics.id"), nullable=False, index=True),
    Column("state", Word, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("due_at", Moment, index=True),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    # Since when it only waits for its people to be forgotten; NULL while it is open, and once they are.
    Column("named_since", Moment, index=True),
    Index(None, "estate", "opened_at"),
)

votes = Table(
    "votes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ballot_id", Id, ForeignKey("ballots.id"), nullable=False, index=True),
    Column("owner", Slug, nullable=False),
    Column("choice", Word, nullable=False),
    Column("channel", Word, nullable=False),
    Column("at", Moment, nullable=False),
    Column("entered_by", Slug, nullable=False),
    Column("salt", Word, nullable=False),
    Column("delegate", Slug),
    Column("confirmed_by", Slug),
    Column("confirmed_at", Moment),
)

petitions = Table(
    "petitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("named_since", Moment, index=True),
    Index(None, "estate", "started_at"),
)

electoral_roll = Table(
    "electoral_roll",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("owner", Slug, nullable=False),
    # Text: a decimal that must come back exactly as it was given, on every engine.
    Column("area", Word, nullable=False),
    Column("units", Text, nullable=False),
    Column("member_id", Slug),
    PrimaryKeyConstraint("estate", "owner"),
)

consultation_terms = Table(
    "consultation_terms",
    metadata,
    Column("estate", Slug, primary_key=True),
    Column("body", Text, nullable=False),
)
