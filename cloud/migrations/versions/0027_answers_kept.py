"""Requests that came with a key bring their first answer again; reports are found by estate and time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "kept_requests",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("acted", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_requests")),
    )
    op.create_index(op.f("ix_kept_requests_at"), "kept_requests", ["at"])
    op.create_index(op.f("ix_reports_estate_at"), "reports", ["estate", "at"])
