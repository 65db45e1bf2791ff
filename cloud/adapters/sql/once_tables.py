"""The table of requests that came with a key, and of what was answered."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from cloud.adapters.sql.columns import metadata
from cloud.adapters.sql.types import Moment

kept_requests = Table(
    "kept_requests",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("acted", Boolean, nullable=False),
    # Sealed with the client's own key, which is not stored: it may hold a token.
    Column("answer", Text),
    Index(None, "at"),
)
