"""The rest of a party is called when those on duty do not answer; what took a message may not be proven to reach anybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SECOND_ROUND = sa.text("second_at IS NOT NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    for column in ("second_at", "widened_at"):
        op.add_column("notifications", sa.Column(column, MOMENT, nullable=True))
    op.add_column("notifications", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_notifications_second_round",
        "notifications",
        ["second_at"],
        sqlite_where=SECOND_ROUND,
        postgresql_where=SECOND_ROUND,
    )
    # What was sent before counts as it did then; everything from now on says for itself.
    op.add_column("deliveries", sa.Column("proven", sa.Boolean(), nullable=False, server_default=sa.true()))
