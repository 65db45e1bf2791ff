"""The tables of offers, needs and small tasks."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

postings = Table(
    "postings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("side", Word, nullable=False),
    Column("member_id", Slug, nullable=False),
    Column("capability", Slug, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "estate", "side", "open", "posted_at"),
)

small_tasks = Table(
    "small_tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("posted_at", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "estate", "over", "posted_at"),
)
