"""The first shape of the cloud's state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _register()
    _inbox()
    _matters()


def _register() -> None:
    """What is known of estates, their parties and members."""
    op.create_table(
        "estates",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("place_id", sa.String(512), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("fallback_party_id", sa.String(128), nullable=False),
        sa.Column("time_zone", sa.String(32), nullable=False),
        sa.Column("reopen_window_s", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_estates"),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.String(512), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
    )
    op.create_table(
        "parties",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(32), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parties"),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("language", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name="fk_members_party_id_parties"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
    )
    op.create_index("ix_members_party_id", "members", ["party_id"], unique=False)
    op.create_table(
        "estate_parties",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["estate"], ["estates.id"], name="fk_estate_parties_estate_estates", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name="fk_estate_parties_party_id_parties"),
        sa.PrimaryKeyConstraint("estate", "party_id", name="pk_estate_parties"),
    )
    op.create_index("ix_estate_parties_party_id", "estate_parties", ["party_id"], unique=False)
    op.create_table(
        "estate_members",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["estate"], ["estates.id"], name="fk_estate_members_estate_estates", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_estate_members_member_id_members"),
        sa.PrimaryKeyConstraint("estate", "member_id", name="pk_estate_members"),
    )
    op.create_index("ix_estate_members_member_id", "estate_members", ["member_id"], unique=False)
    op.create_table(
        "equipment",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("place_id", sa.String(512), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=True),
        sa.ForeignKeyConstraint(["estate"], ["estates.id"], name="fk_equipment_estate_estates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("estate", "id", name="pk_equipment"),
    )
    op.create_table(
        "node_entries",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("place_id", sa.String(512), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["estate"], ["estates.id"], name="fk_node_entries_estate_estates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("estate", "id", name="pk_node_entries"),
    )
    op.create_table(
        "duty_matrices",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["estate"], ["estates.id"], name="fk_duty_matrices_estate_estates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("estate", "version", name="pk_duty_matrices"),
    )
    op.create_table(
        "access_keys",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_access_keys_member_id_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_access_keys"),
    )
    op.create_index("ix_access_keys_member_id", "access_keys", ["member_id"], unique=False)


def _inbox() -> None:
    """What nodes have said."""
    op.create_table(
        "batches",
        sa.Column("outbox", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("outbox", "stream", "seq", "digest", name="pk_batches"),
    )
    op.create_table(
        "progress",
        sa.Column("outbox", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(32), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("voided", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("conflicts", sa.BigInteger(), nullable=False),
        sa.Column("void_records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "stream", name="pk_progress"),
    )
    op.create_index("ix_progress_estate", "progress", ["estate"], unique=False)
    op.create_table(
        "events",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("outbox", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("equipment", sa.String(128), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("uncertain", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outbox", "seq", "digest", "index", name="pk_events"),
    )
    op.create_index("ix_events_estate_received_at", "events", ["estate", "received_at"], unique=False)
    op.create_table(
        "nodes",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("silent_due_at", MOMENT, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("estate", "id", name="pk_nodes"),
    )
    op.create_index("ix_nodes_silent_due_at", "nodes", ["silent_due_at"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("estate", sa.String(128), nullable=True),
        sa.Column("node_id", sa.String(128), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_estate_node_id", "dead_letters", ["estate", "node_id"], unique=False)


def _matters() -> None:
    """What came of it."""
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("matter", sa.String(700), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("hazard", sa.String(128), nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("place_id", sa.String(512), nullable=False),
        sa.Column("equipment_id", sa.String(128), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("hidden_by", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_estate_matter_id", "incidents", ["estate", "matter", "id"], unique=False)
    op.create_index("ix_incidents_hidden_by", "incidents", ["hidden_by"], unique=False)
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("fingerprint", sa.String(512), nullable=False),
        sa.Column("hazard", sa.String(128), nullable=False),
        sa.Column("equipment", sa.String(128), nullable=False),
        sa.Column("mode", sa.String(32), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("place_id", sa.String(512), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("peak", sa.String(32), nullable=False),
        sa.Column("raises", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("suppressed_by", sa.String(64), nullable=True),
        sa.Column("point", sa.String(128), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_alerts_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index(
        "ix_alerts_estate_firing",
        "alerts",
        ["estate", "hazard"],
        unique=False,
        sqlite_where=sa.text("state = 'firing'"),
        postgresql_where=sa.text("state = 'firing'"),
    )
    op.create_index("ix_alerts_incident_id", "alerts", ["incident_id"], unique=False)
    op.create_index(
        "uq_alerts_firing",
        "alerts",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("state = 'firing'"),
        postgresql_where=sa.text("state = 'firing'"),
    )
    op.create_table(
        "occurrences",
        sa.Column("alert_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("severity", sa.String(32), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended", sa.String(32), nullable=True),
        sa.Column("boot", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_occurrences_alert_id_alerts", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert_id", "id", name="pk_occurrences"),
    )
    op.create_index("ix_occurrences_id", "occurrences", ["id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("life_safety", sa.Boolean(), nullable=False),
        sa.Column("responsible_id", sa.String(128), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("next_due_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_tasks_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("incident_id", name="uq_tasks_incident_id"),
    )
    op.create_index("ix_tasks_estate_over_closed_at", "tasks", ["estate", "over", "closed_at"], unique=False)
    op.create_index("ix_tasks_next_due_at", "tasks", ["next_due_at"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("importance", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("phone", sa.String(32), nullable=True),
        sa.Column("headline_zh", sa.Text(), nullable=False),
        sa.Column("headline_en", sa.Text(), nullable=False),
        sa.Column("address_zh", sa.Text(), nullable=False),
        sa.Column("address_en", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_notifications_task_id_tasks"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_task_id", "notifications", ["task_id"], unique=False)
    op.create_index(
        "ix_notifications_unsent",
        "notifications",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_notes_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_incident_id", "notes", ["incident_id"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=True),
        sa.Column("subject", sa.String(128), nullable=True),
        sa.Column("causation_id", sa.String(128), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("estate", "seq", name="pk_ledger"),
    )
    op.create_index("ix_ledger_incident_id", "ledger", ["incident_id"], unique=False)


def downgrade() -> None:
    """There is nothing before the first shape; restore a backup instead."""
    raise NotImplementedError("0001 is the first shape: there is nothing to go back to. Restore a backup instead.")
