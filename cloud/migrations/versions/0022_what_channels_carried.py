"""What a channel has carried in a day, and to whom, is found without reading every message."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_deliveries_channel_sent_at"), "deliveries", ["channel", "sent_at"])
    op.create_index(op.f("ix_deliveries_task_id_member_id"), "deliveries", ["task_id", "member_id"])
