"""The tables of accounts: who may sign in and by what, who is asked in, how often somebody tried."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

accounts = Table(
    "accounts",
    metadata,
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    Column("login", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("password", Text),
    Column("password_at", Moment),
    Column("secret", Text),
    Column("pending", Text),
    Column("step", Integer, nullable=False),
    Column("issuer", String(256)),
    Column("sub", String(256)),
    UniqueConstraint("login"),
    UniqueConstraint("issuer", "sub"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("used_at", Moment),
    PrimaryKeyConstraint("member_id", "hash"),
)

second_factor_asks = Table(
    "second_factor_asks",
    metadata,
    Column("member_id", Slug, ForeignKey("members.id", ondelete="CASCADE"), primary_key=True),
    Column("asked_at", Moment, nullable=False),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("estate", Slug, nullable=False, index=True),
    Column("member_id", Slug, nullable=False),
    Column("body", Text, nullable=False),
    Column("new", Boolean, nullable=False),
    Column("by", Slug, nullable=False),
    Column("email", String(256), index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("revoked_at", Moment),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("against", Word, nullable=False),
    Column("level", Float, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

first_run = Table(
    "first_run",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("code_hash", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
)
