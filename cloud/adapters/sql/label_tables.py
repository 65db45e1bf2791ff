"""The table of the labels on lifts and doors."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, text

from cloud.adapters.sql.columns import Slug, Word, metadata
from cloud.adapters.sql.types import Moment

labels = Table(
    "labels",
    metadata,
    Column("code", Word, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("equipment_id", Slug, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("replaced_at", Moment),
    # One that holds for each piece of equipment.
    Index(None, "estate", "equipment_id", unique=True, sqlite_where=text("replaced_at IS NULL")),
)
