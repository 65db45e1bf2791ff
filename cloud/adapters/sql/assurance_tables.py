"""The tables of residents' reports, photos, exercises and maintenance windows."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from cloud.adapters.sql.columns import Id, Slug, metadata
from cloud.adapters.sql.types import Moment

RUNNING = text("ended_at IS NULL")

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), index=True),
    Column("token_hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("member_id", Slug),
    Column("body", Text, nullable=False),
    Index(None, "token_hash", unique=True),
    Index(None, "estate", "at"),
    Index(None, "member_id", "at"),
)

photos = Table(
    "photos",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)


def _planned(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("estate", Slug, nullable=False),
        Column("starts_at", Moment, nullable=False),
        Column("ends_at", Moment, nullable=False),
        Column("ended_at", Moment),
        Column("body", Text, nullable=False),
        Index(f"ix_{name}_running", "ends_at", sqlite_where=RUNNING),
        Index(None, "estate", "starts_at"),
    )


exercises = _planned("exercises")
windows = _planned("windows")
