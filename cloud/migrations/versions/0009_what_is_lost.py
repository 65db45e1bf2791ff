"""Batches that left their node and never arrived are declared lost, and that is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "losses",
        sa.Column("outbox", sa.String(64), nullable=False),
        sa.Column("stream", sa.String(32), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("lost", sa.Text(), nullable=False),
        sa.Column("doubted", sa.Text(), nullable=False),
        sa.Column("doubted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("outbox", "stream", name="pk_losses"),
    )
    op.create_index("ix_losses_estate", "losses", ["estate"])
