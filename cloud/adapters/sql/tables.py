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
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from cloud.adapters.sql.types import Moment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(64)
Slug = String(128)
PlaceId = String(512)
Word = String(32)


def _names() -> list[Column[str]]:
    return [Column("zh", Text, nullable=False), Column("en", Text, nullable=False)]


estates = Table(
    "estates",
    metadata,
    Column("id", Slug, primary_key=True),
    Column("place_id", PlaceId, nullable=False),
    *_names(),
    Column("fallback_party_id", Slug, nullable=False),
    Column("time_zone", Word, nullable=False),
    Column("reopen_window_s", Float, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

places = Table(
    "places",
    metadata,
    Column("id", PlaceId, primary_key=True),
    Column("kind", Word, nullable=False),
    *_names(),
)

parties = Table(
    "parties",
    metadata,
    Column("id", Slug, primary_key=True),
    Column("kind", Word, nullable=False),
    *_names(),
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
    *_names(),
    Column("role", Word, nullable=False),
    Column("language", Word, nullable=False),
)

estate_members = Table(
    "estate_members",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("member_id", Slug, ForeignKey("members.id"), nullable=False, index=True),
    PrimaryKeyConstraint("estate", "member_id"),
)

equipment = Table(
    "equipment",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False),
    Column("kind", Word, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    *_names(),
    Column("node_id", Slug),
    PrimaryKeyConstraint("estate", "id"),
)

node_entries = Table(
    "node_entries",
    metadata,
    Column("estate", Slug, ForeignKey("estates.id", ondelete="CASCADE"), nullable=False),
    Column("id", Slug, nullable=False),
    Column("place_id", PlaceId, nullable=False),
    *_names(),
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
    PrimaryKeyConstraint("outbox", "seq", "digest", "index"),
    Index(None, "estate", "received_at"),
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
        postgresql_where=text("state = 'firing'"),
    ),
    Index(
        "ix_alerts_estate_firing",
        "estate",
        "hazard",
        sqlite_where=text("state = 'firing'"),
        postgresql_where=text("state = 'firing'"),
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
    PrimaryKeyConstraint("alert_id", "id"),
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
)

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
    Column("channel", Word, nullable=False),
    Column("phone", Word),
    Column("headline_zh", Text, nullable=False),
    Column("headline_en", Text, nullable=False),
    Column("address_zh", Text, nullable=False),
    Column("address_en", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Index(
        "ix_notifications_unsent",
        "next_attempt_at",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
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
)

notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("incident_id", Id, ForeignKey("incidents.id"), nullable=False, index=True),
    Column("member_id", Slug, nullable=False),
    Column("party_id", Slug, nullable=False),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("salt", String(64), nullable=False),
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
)
