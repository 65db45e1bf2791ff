"""Every lift and door has a label with a code of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("equipment_id", sa.String(128), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_labels")),
    )
    op.create_index(
        op.f("ix_labels_estate_equipment_id"),
        "labels",
        ["estate", "equipment_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at IS NULL"),
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
