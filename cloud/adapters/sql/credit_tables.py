"""The tables of credit: entries, which only grow, and the tables that were published."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("member_id", Slug, nullable=False),
    Column("kind", Word, nullable=False),
    Column("act", Word, nullable=False),
    Column("act_id", Slug, nullable=False),
    Column("points", Integer, nullable=False),
    Column("earned", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("at", Moment, nullable=False),
    Column("table_version", Integer, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("withheld", Word),
    Column("incident_id", Id),
    Column("reverses", Id, unique=True),
    Column("reason", Word),
    # One act pays a member once, and is taken back once, whoever asks again.
    UniqueConstraint("estate", "act_id", "member_id", "kind"),
    Index(None, "estate", "member_id", "day"),
)

credit_versions = Table(
    "credit_versions",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("version", Integer, nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "version"),
)
