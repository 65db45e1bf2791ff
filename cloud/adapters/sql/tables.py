"""The tables of the cloud's state. Migrations make them; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from cloud.adapters.sql.assurance_tables import exercises, photos, reports, windows
from cloud.adapters.sql.columns import Id, PlaceId, Slug, Word, metadata
from cloud.adapters.sql.consultation_tables import (
    ballots,
    consultation_terms,
    electoral_roll,
    petitions,
    topics,
    votes,
)
from cloud.adapters.sql.credit_tables import credit_entries, credit_versions
from cloud.adapters.sql.enrolment_tables import claims, credentials, drained_outboxes
from cloud.adapters.sql.exchange_tables import postings, small_tasks
from cloud.adapters.sql.ledger_tables import ledger_heads, personal, personal_looks
from cloud.adapters.sql.node_tables import configurations, losses, orders
from cloud.adapters.sql.notice_tables import deliveries, notifications, webhook_postings, webhooks
from cloud.adapters.sql.reach_tables import contacts, handovers, memberships, rosters
from cloud.adapters.sql.register_tables import (
    access_keys,
    duty_matrices,
    equipment,
    estate_members,
    estate_parties,
    estates,
    members,
    node_entries,
    parties,
    places,
)
from cloud.adapters.sql.types import Moment

__all__ = [
    "access_counts",
    "access_keys",
    "alerts",
    "ballots",
    "batches",
    "boots",
    "claims",
    "configurations",
    "consultation_terms",
    "contacts",
    "credentials",
    "credit_entries",
    "credit_versions",
    "dead_letters",
    "deliveries",
    "drained_outboxes",
    "duty_matrices",
    "electoral_roll",
    "equipment",
    "estate_members",
    "estate_parties",
    "estates",
    "events",
    "exercises",
    "handovers",
    "incidents",
    "ledger",
    "ledger_heads",
    "losses",
    "members",
    "memberships",
    "metadata",
    "node_entries",
    "nodes",
    "notes",
    "notifications",
    "occurrences",
    "orders",
    "parties",
    "personal",
    "personal_looks",
    "petitions",
    "photos",
    "places",
    "postings",
    "progress",
    "reports",
    "rosters",
    "small_tasks",
    "tasks",
    "topics",
    "votes",
    "webhook_postings",
    "webhooks",
    "windows",
]

batches = Table(
    "batches",
    metadata,
    Column("outbox", Id, nullable=False),
    Column("stream", Word, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("stored_at", Moment, nullable=False),
    PrimaryKeyConstraint("outbox", "stream", "seq", "digest"),
)

progress = Table(
    "progress",
    metadata,
    Column("outbox", Id, nullable=False),
    Column("stream", Word, nullable=False),
    Column("estate", Slug, nullable=False, index=True),
    Column("node_id", Slug, nullable=False),
    Column("stored", Text, nullable=False),
    Column("voided", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("conflicts", BigInteger, nullable=False),
    Column("void_records", BigInteger, nullable=False),
    PrimaryKeyConstraint("outbox", "stream"),
)

events = Table(
    "events",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("outbox", Id, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("index", Integer, nullable=False),
    Column("kind", Word, nullable=False),
    Column("equipment", Slug),
    Column("at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Column("privacy", Word),
    PrimaryKeyConstraint("outbox", "seq", "digest", "index"),
    Index(None, "estate", "received_at"),
    Index(
        "ix_events_personal",
        "privacy",
        "at",
        sqlite_where=text("privacy IS NOT NULL"),
    ),
)

access_counts = Table(
    "access_counts",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("equipment", Slug, nullable=False),
    Column("day", Word, nullable=False),
    Column("kind", Word, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("estate", "equipment", "day", "kind"),
)

boots = Table(
    "boots",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("boot", Id, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("earliest", BigInteger),
    Column("latest", BigInteger, nullable=False),
    PrimaryKeyConstraint("estate", "node_id", "boot"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("matter", String(700), nullable=False),
    Column("mode", Word, nullable=False),
    Column("hazard", Slug, nullable=False),
    Column("severity", Word, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    Column("equipment_id", Slug, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("closed_at", Moment),
    Column("hidden_by", Id, index=True),
    Index(None, "estate", "matter", "id"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("fingerprint", String(512), nullable=False),
    Column("hazard", Slug, nullable=False),
    Column("equipment", Slug, nullable=False),
    Column("mode", Word, nullable=False),
    Column("node_id", Slug, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), index=True),
    Column("state", Word, nullable=False),
    Column("started_at", Moment),
    Column("resolved_at", Moment),
    Column("peak", Word, nullable=False),
    Column("raises", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("suppressed_by", Id),
    Column("point", Slug),
    Column("value", Text),
    Column("threshold", Float),
    Index(
        "uq_alerts_firing",
        "fingerprint",
        unique=True,
        sqlite_where=text("state = 'firing'"),
    ),
    Index(
        "ix_alerts_estate_firing",
        "estate",
        "hazard",
        sqlite_where=text("state = 'firing'"),
    ),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("alert_id", Id, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False, index=True),
    Column("severity", Word, nullable=False),
    Column("raised_at", Moment),
    Column("ended_at", Moment),
    Column("ended", Word),
    Column("boot", Id),
    Column("node_id", Slug),
    PrimaryKeyConstraint("alert_id", "id"),
    Index("ix_occurrences_raised_at", "raised_at"),
    Index(
        "ix_occurrences_lasting",
        "node_id",
        sqlite_where=text("ended_at IS NULL"),
    ),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("estate", Slug, nullable=False),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, unique=True),
    Column("state", Word, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("life_safety", Boolean, nullable=False),
    Column("responsible_id", Slug, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("next_due_at", Moment, index=True),
    Column("revision", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "estate", "over", "closed_at"),
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

nodes = Table(
    "nodes",
    metadata,
    Column("estate", Slug, nullable=False),
    Column("id", Slug, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("heard_at", Moment),
    Column("silent_due_at", Moment, index=True),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("estate", "id"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("estate", Slug),
    Column("node_id", Slug),
    Index(None, "estate", "node_id"),
    Index(
        "ix_dead_letters_unread",
        "received_at",
        sqlite_where=text("length(payload) > 0"),
    ),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("member_id", Slug, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    Column("public", Boolean, nullable=False),
)
