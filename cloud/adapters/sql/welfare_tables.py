"""The table of what people have consented to about their own homes."""

from __future__ import annotations

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from cloud.adapters.sql.columns import Slug, metadata

consents = Table(
    "consents",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("member_id", Slug, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "member_id"),
)
