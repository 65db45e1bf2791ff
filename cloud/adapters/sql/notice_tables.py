"""The tables of messages to people and systems: what is to be said, to whom it was, and how they are reached."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from cloud.adapters.sql.columns import Id, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

UNADDRESSED = text("addressed_at IS NULL AND withdrawn_at IS NULL")
HURRYING = text("hurry_at IS NOT NULL")
SECOND_ROUND = text("second_at IS NOT NULL AND withdrawn_at IS NULL")
WAITING = text("sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL")
POSTING = text("sent_at IS NULL AND failed_at IS NULL")
UNTAKEN = text("sent_at IS NULL")

notifications = Table(
    "notifications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("task_id", Id, ForeignKey("tasks.id"), nullable=False, index=True),
    Column("incident_id", Id, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("reason", Word, nullable=False),
    Column("importance", Word, nullable=False),
    Column("phone", Word),
    Column("headline_zh", Text, nullable=False),
    Column("headline_en", Text, nullable=False),
    Column("address_zh", Text, nullable=False),
    Column("address_en", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("by_zh", Text),
    Column("by_en", Text),
    Column("addressed_at", Moment),
    Column("hurry_at", Moment),
    Column("withdrawn_at", Moment),
    Column("second_at", Moment),
    Column("widened_at", Moment),
    Column("repeats", Integer, nullable=False),
    Column("only_some", Text),
    Index(
        "ix_notifications_unaddressed",
        "created_at",
        sqlite_where=UNADDRESSED,
    ),
    Index("ix_notifications_hurrying", "hurry_at", sqlite_where=HURRYING),
    Index("ix_notifications_second_round", "second_at", sqlite_where=SECOND_ROUND),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("notification_id", Id, ForeignKey("notifications.id"), nullable=False, index=True),
    Column("estate", Slug, nullable=False),
    Column("task_id", Id, nullable=False),
    Column("incident_id", Id, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("member_id", Slug),
    Column("urgency", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("rounds", Integer, nullable=False),
    Column("tried", Text, nullable=False),
    Column("waited", Boolean, nullable=False),
    Column("channel", Word),
    Column("why", Text),
    Column("failure", Text),
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("withdrawn_at", Moment),
    Column("follow_up", Id),
    Column("call_hash", String(64)),
    Column("call_until", Moment),
    Column("answered_at", Moment),
    Column("held_by", Word),
    Column("held_until", Moment),
    Column("proven", Boolean, nullable=False),
    Column("summary", Word),
    Index(None, "estate", "id"),
    Index(None, "call_hash", unique=True),
    Index("ix_deliveries_told", "member_id", "sent_at"),
    Index(None, "channel", "sent_at"),
    Index(None, "task_id", "member_id"),
    Index("ix_deliveries_waiting", "next_attempt_at", sqlite_where=WAITING),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("created_by", Slug, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("former_secret", Text),
    Column("former_until", Moment),
    Column("party_id", Slug, nullable=False, server_default=""),
    Column("gone_at", Moment),
)

webhook_postings = Table(
    "webhook_postings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("webhook_id", Id, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("estate", Slug, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Moment),
    Column("failed_at", Moment),
    Column("why", Text),
    Column("failure", Text),
    Column("held_by", Word),
    Column("held_until", Moment),
    Index("ix_webhook_postings_waiting", "next_attempt_at", sqlite_where=POSTING),
    Index(None, "created_at"),
    Index("ix_webhook_postings_untaken", "estate", "id", sqlite_where=UNTAKEN),
)
