"""The table of channels that administrators have set up."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, Table, Text

from cloud.adapters.sql.columns import Slug, Word, metadata
from cloud.adapters.sql.types import Moment

channel_setups = Table(
    "channel_setups",
    metadata,
    Column("kind", Word, primary_key=True),
    Column("form", Word, nullable=False),
    Column("settings", Text, nullable=False),
    Column("held", Text, nullable=False),
    Column("sealed", Text),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Slug, nullable=False),
)
