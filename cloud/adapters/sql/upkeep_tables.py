"""The tables of the upkeep of lifts and of the patrols that were walked."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, PrimaryKeyConstraint, Table, Text

from cloud.adapters.sql.columns import Id, Slug, metadata
from cloud.adapters.sql.types import Moment

upkeep = Table(
    "upkeep",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("equipment", Slug, nullable=False),
    Column("maintained_on", Date),
    Column("inspected_until", Date),
    PrimaryKeyConstraint("estate", "equipment"),
)

patrols = Table(
    "patrols",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "estate", "at"),
)
