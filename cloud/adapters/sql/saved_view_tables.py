"""The table of the views of the board that members have saved."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from cloud.adapters.sql.columns import Id, Slug, metadata
from cloud.adapters.sql.types import Moment

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("member_id", Slug, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("saved_at", Moment, nullable=False),
    Index(None, "estate", "member_id", "name", unique=True),
)
