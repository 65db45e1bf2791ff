"""The tables of what is known of estates: places, parties, members, equipment, duties, and the keys that let members in."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, PrimaryKeyConstraint, String, Table, Text, true

from cloud.adapters.sql.columns import PlaceId, Slug, Word, metadata, names
from cloud.adapters.sql.types import Moment

estates = Table(
    "estates",
    metadata,
    Column("id", Slug, primary_key=True),
    Column("place_id", PlaceId, nullable=False),
    *names(),
    Column("fallback_party_id", Slug, nullable=False),
    Column("time_zone", Word, nullable=False),
    Column("reopen_window_s", Float, nullable=False),
    Column("arbiter_party_id", Slug),
    Column("arbitrate_within_s", Float),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("calendar", Text),
    Column("rosters_stamp", String(64)),
    Column("members_stamp", String(64)),
)

places = Table(
    "places",
    metadata,
    Column("id", PlaceId, primary_key=True),
    Column("kind", Word, nullable=False),
    *names(),
)

parties = Table(
    "parties",
    metadata,
    Column("id", Slug, primary_key=True),
    Column("kind", Word, nullable=False),
    *names(),
    Column("phone", Word),
    Column("body", Text, nullable=False),
)

estate_parties = Table(
    "estate_parties",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("party_id", Slug, ForeignKey("parties.id"), nullable=False, index=True),
    PrimaryKeyConstraint("estate", "party_id"),
)

members = Table(
    "members",
    metadata,
    Column("id", Slug, primary_key=True),
    Column("party_id", Slug, ForeignKey("parties.id"), nullable=False, index=True),
    *names(),
    Column("role", Word, nullable=False),
    Column("language", Word, nullable=False),
    Column("chosen_language", Word),
)

estate_members = Table(
    "estate_members",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", Slug, ForeignKey("members.id"), nullable=False, index=True),
    Column("laid", Boolean, nullable=False, server_default=true()),
    PrimaryKeyConstraint("estate", "member_id"),
)

equipment = Table(
    "equipment",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False),
    Column("kind", Word, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    *names(),
    Column("node_id", Slug),
    PrimaryKeyConstraint("estate", "id"),
)

node_entries = Table(
    "node_entries",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    *names(),
    PrimaryKeyConstraint("estate", "id"),
)

duty_matrices = Table(
    "duty_matrices",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "version"),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("purpose", Word, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Column("scopes", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("seen_at", Moment),
    Column("address", String(64), nullable=False, server_default=""),
    Column("device", String(256), nullable=False, server_default=""),
    Column("through", Word),
    Column("matters", Text, nullable=False, server_default="[]"),
    Column("factor_by", Moment),
)
