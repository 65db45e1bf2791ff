"""When a lift was maintained last and until when its inspection holds; patrols that were walked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("equipment", sa.String(128), nullable=False),
        sa.Column("maintained_on", sa.Date(), nullable=True),
        sa.Column("inspected_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("estate", "equipment", name=op.f("pk_upkeep")),
    )
    op.create_table(
        "patrols",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrols")),
    )
    op.create_index(op.f("ix_patrols_estate_at"), "patrols", ["estate", "at"])
