"""The table of the screens that hang on walls."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from cloud.adapters.sql.columns import Id, Slug, metadata
from cloud.adapters.sql.types import Moment

screens = Table(
    "screens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("estate", Slug, nullable=False, index=True),
    Column("party_id", Slug, nullable=False),
    Column("label", Text, nullable=False),
    Column("made_by", Slug, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("opened_at", Moment),
    Column("seen_at", Moment),
    Column("address", String(64), nullable=False),
    Column("device", String(256), nullable=False),
)
