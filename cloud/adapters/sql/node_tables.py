"""The tables of nodes: who they are, what they are told, version by version, and what of theirs is lost."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, String, Table, Text, text

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

configurations = Table(
    "configurations",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("origin", Word, nullable=False),
    Column("by", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("told_at", Moment),
    Column("outcome", Word),
    Column("detail", Text, nullable=False),
    Column("answered_at", Moment),
    Column("rollout", Id),
    PrimaryKeyConstraint("estate", "node_id", "version"),
    Index("ix_configurations_rollout", "estate", "rollout", sqlite_where=text("rollout IS NOT NULL")),
    Index(
        "ix_configurations_untold",
        "estate",
        "node_id",
        sqlite_where=text("told_at IS NULL"),
    ),
)

orders = Table(
    "orders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("boot", Id, nullable=False),
    Column("action", Word, nullable=False),
    Column("by", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("told_at", Moment),
    Column("outcome", Word),
    Column("detail", Text, nullable=False),
    Column("answered_at", Moment),
    Index(None, "estate", "node_id", "at"),
    Index(None, "expires_at"),
    Index(
        "ix_orders_untold",
        "expires_at",
        sqlite_where=text("told_at IS NULL"),
    ),
)

losses = Table(
    "losses",
    metadata,
    Column("outbox", Id, nullable=False),
    Column("stream", Word, nullable=False),
    Column("estate", Slug, nullable=False, index=True),
    Column("node_id", Slug, nullable=False),
    Column("lost", Text, nullable=False),
    Column("doubted", Text, nullable=False),
    Column("doubted_at", Moment),
    PrimaryKeyConstraint("outbox", "stream"),
)

nodes = Table(
    "nodes",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("id", Slug, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("heard_at", Moment),
    Column("silent_due_at", Moment, index=True),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "id"),
)
