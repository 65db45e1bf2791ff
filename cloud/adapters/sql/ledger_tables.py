"""The ledger and the tables beside it: personal data under its own key, who looked at it, and the heads that were published."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table, Text, text

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

personal = Table(
    "personal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("subject", Slug, nullable=False),
    Column("sort", Word, nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    Column("salt", String(64), nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), index=True),
    Column("erased_at", Moment),
    Index(None, "estate", "subject"),
    Index(
        "ix_personal_kept",
        "sort",
        "at",
        sqlite_where=text("erased_at IS NULL"),
    ),
)

personal_looks = Table(
    "personal_looks",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("member_id", Slug, nullable=False),
    Column("about", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("estate", "member_id", "about"),
)

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("estate", "seq"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Slug, nullable=False),
    Column("incident_id", Id, index=True),
    Column("subject", Slug),
    Column("causation_id", Slug),
    Column("data", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("estate", "seq"),
    Index(None, "estate", "at"),
)
