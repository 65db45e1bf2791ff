"""The tables by which reports without login are throttled: keys of the service's own, and who reported in the last minutes."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from cloud.adapters.sql.columns import Word, metadata
from cloud.adapters.sql.types import Moment

service_keys = Table(
    "service_keys",
    metadata,
    Column("name", Word, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
)

report_sources = Table(
    "report_sources",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # A keyed print, never an address.
    Column("source", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "source", "at"),
    Index(None, "at"),
)
