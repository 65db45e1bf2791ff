"""The table of messages that belong to no task."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from cloud.adapters.sql.columns import Id, Slug, metadata
from cloud.adapters.sql.types import Moment

WAITING = text("next_at IS NOT NULL")
SETTLED = text("settled_at IS NOT NULL")

missives = Table(
    "missives",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("about", Id, nullable=False, index=True),
    Column("next_at", Moment),
    Column("body", Text, nullable=False),
    Column("settled_at", Moment),
    Index("ix_missives_waiting", "next_at", sqlite_where=WAITING),
    Index("ix_missives_settled", "settled_at", sqlite_where=SETTLED),
)
