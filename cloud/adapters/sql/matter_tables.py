"""The tables of what happens and who answers: alerts, incidents, tasks, notes."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from cloud.adapters.sql.columns import Id, PlaceId, Slug, Word, metadata
from cloud.adapters.sql.types import Moment

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
    Column("ending", Word),
    Index(None, "estate", "over", "closed_at"),
)

task_concerns = Table(
    "task_concerns",
    metadata,
    Column("task_id", Id, ForeignKey("tasks.id"), nullable=False),
    Column("how", Word, nullable=False),
    Column("value", Slug, nullable=False),
    PrimaryKeyConstraint("task_id", "how", "value"),
    Index(None, "how", "value"),
)
"""Whom a task concerns (`domain.tasks.sight`): `part` the parties with a part in it, `kind`, `id` and `phone` those that its
duty names. It says nothing that the task itself does not say; it is there to be searched by.
"""

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
