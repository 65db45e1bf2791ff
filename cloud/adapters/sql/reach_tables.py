"""The tables of who is reached: memberships, contacts (personal data, all of it here), rosters, handovers."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, Text, Time

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

memberships = Table(
    "memberships",
    metadata,
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("party_id", Slug, ForeignKey("parties.id"), nullable=False, index=True),
    Column("role", Word, nullable=False),
    PrimaryKeyConstraint("member_id", "party_id"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("channel", Word, nullable=False),
    Column("address", String(256), nullable=False),
    Column("verified_at", Moment),
    Column("preference", Integer, nullable=False),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("digest", Boolean, nullable=False),
    Column("laid", Boolean, nullable=False),
    Column("code_hash", String(64)),
    Column("code_sent_at", Moment),
    Column("code_tries", Integer, nullable=False),
    PrimaryKeyConstraint("member_id", "channel", "address"),
)

rosters = Table(
    "rosters",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "id"),
)

handovers = Table(
    "handovers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("drawn_at", Moment, nullable=False),
    Column("drawn_by", Slug, nullable=False),
    Column("note", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("leaving_by", Slug),
    Column("leaving_at", Moment),
    Column("coming_by", Slug),
    Column("coming_at", Moment),
    Index("ix_handovers_estate_party_id_drawn_at", "estate", "party_id", "drawn_at"),
)
