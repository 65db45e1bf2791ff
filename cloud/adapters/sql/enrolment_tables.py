"""The tables of enrolment: claims, credentials, and the outboxes of boards that were replaced."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

claims = Table(
    "claims",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("created_by", Slug, nullable=False),
    Column("replaces", Boolean, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
    Column("failures", Integer, nullable=False),
    Index(None, "estate", "node_id"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("claim_id", Id, nullable=False),
    Column("key_digest", String(64), nullable=False),
    Column("certificate", Text, nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("enrolled_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False, index=True),
    Column("state", Word, nullable=False),
    Column("ended_at", Moment),
    Column("warned", Slug),
    Column("outbox", Id),
    Column("former", Text, nullable=False, server_default="[]"),
    Index(None, "estate", "node_id"),
)

drained_outboxes = Table(
    "drained_outboxes",
    metadata,
    Column("outbox", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
)
