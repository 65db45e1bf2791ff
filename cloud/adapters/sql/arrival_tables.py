"""The tables of what nodes send: batches, progress, events, boots, and what could not be read."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

batches = Table(
    "batches",
    metadata,
    Column("outbox", Id, nullable=False),
    Column("stream", Word, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("stored_at", Moment, nullable=False),
    PrimaryKeyConstraint("outbox", "stream", "seq", "digest"),
)

progress = Table(
    "progress",
    metadata,
    Column("outbox", Id, nullable=False),
    Column("stream", Word, nullable=False),
    Column("estate", Slug, nullable=False, index=True),
    Column("node_id", Slug, nullable=False),
    Column("stored", Text, nullable=False),
    Column("voided", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("conflicts", BigInteger, nullable=False),
    Column("void_records", BigInteger, nullable=False),
    PrimaryKeyConstraint("outbox", "stream"),
)

events = Table(
    "events",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("outbox", Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("index", Integer, nullable=False),
    Column("kind", Word, nullable=False),
    Column("equipment", Slug),
    Column("at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("privacy", Word),
    PrimaryKeyConstraint("outbox", "seq", "digest", "index"),
    Index(None, "estate", "received_at"),
    Index(
        "ix_events_personal",
        "privacy",
        "at",
        sqlite_where=text("privacy IS NOT NULL"),
    ),
)

access_counts = Table(
    "access_counts",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("equipment", Slug, nullable=False),
    Column("day", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("estate", "equipment", "day", "kind"),
)

boots = Table(
    "boots",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("boot", Id, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("earliest", BigInteger),
    Column("latest", BigInteger, nullable=False),
    PrimaryKeyConstraint("estate", "node_id", "boot"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reason_zh", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("estate", Slug),
    Column("node_id", Slug),
    Column("why", Word),
    Column("replayed_at", Moment),
    Column("replayed_by", Slug),
    Index(None, "estate", "node_id"),
    Index(
        "ix_dead_letters_unread",
        "received_at",
        sqlite_where=text("length(payload) > 0"),
    ),
)
