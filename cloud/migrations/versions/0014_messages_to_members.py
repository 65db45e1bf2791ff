"""A message to a party becomes one delivery per member, through contacts in order; other systems are told by webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNADDRESSED = sa.text("addressed_at IS NULL AND withdrawn_at IS NULL")
HURRYING = sa.text("hurry_at IS NOT NULL")
WAITING = sa.text("sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL")
POSTING = sa.text("sent_at IS NULL AND failed_at IS NULL")


def upgrade() -> None:
    _notifications()
    _deliveries()
    _webhooks()


def _notifications() -> None:
    """What waited to be sent waits to be addressed; what was sent was sent to the party."""
    for column in ("by_zh", "by_en"):
        op.add_column("notifications", sa.Column(column, sa.Text(), nullable=True))
    for column in ("addressed_at", "hurry_at", "withdrawn_at"):
        op.add_column("notifications", sa.Column(column, MOMENT, nullable=True))
    op.execute("UPDATE notifications SET addressed_at = sent_at")
    op.drop_index("ix_notifications_unsent", "notifications")
    for column in ("channel", "sent_at", "attempts", "next_attempt_at", "held_by", "held_until"):
        op.drop_column("notifications", column)
    op.create_index(
        "ix_notifications_unaddressed",
        "notifications",
        ["created_at"],
        sqlite_where=UNADDRESSED,
        postgresql_where=UNADDRESSED,
    )
    op.create_index(
        "ix_notifications_hurrying", "notifications", ["hurry_at"], sqlite_where=HURRYING, postgresql_where=HURRYING
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("notification_id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.String(64), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column("waited", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("follow_up", sa.String(64), nullable=True),
        sa.Column("call_hash", sa.String(64), nullable=True),
        sa.Column("call_until", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("held_by", sa.String(32), nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"], name="fk_deliveries_notification_id_notifications"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_notification_id", "deliveries", ["notification_id"], unique=False)
    op.create_index("ix_deliveries_estate_id", "deliveries", ["estate", "id"], unique=False)
    op.create_index("ix_deliveries_call_hash", "deliveries", ["call_hash"], unique=True)
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["next_attempt_at"], sqlite_where=WAITING, postgresql_where=WAITING
    )


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(128), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["estate"], ["estates.id"], name="fk_webhooks_estate_estates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_estate", "webhooks", ["estate"], unique=False)
    op.create_table(
        "webhook_postings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("webhook_id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("held_by", sa.String(32), nullable=True),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_postings_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_postings"),
    )
    op.create_index("ix_webhook_postings_webhook_id", "webhook_postings", ["webhook_id"], unique=False)
    op.create_index(
        "ix_webhook_postings_waiting",
        "webhook_postings",
        ["next_attempt_at"],
        sqlite_where=POSTING,
        postgresql_where=POSTING,
    )
