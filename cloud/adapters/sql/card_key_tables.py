"""The tables of card keys: the keys of estates, sealed, and the nodes that use them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

card_keys = Table(
    "card_keys",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("version", Integer, nullable=False),
    Column("id", Id, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("kept", Text, nullable=False),
    Column("by", Slug, nullable=False),
    Column("reason", Word, nullable=False),
    PrimaryKeyConstraint("estate", "version"),
    UniqueConstraint("estate", "id"),
)

card_key_holders = Table(
    "card_key_holders",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("first", Id, nullable=False),
    Column("reported", Id, nullable=False),
    Column("order", Id),
    Column("tries", Integer, nullable=False),
    Column("behind_since", Moment),
    PrimaryKeyConstraint("estate", "node_id"),
)
