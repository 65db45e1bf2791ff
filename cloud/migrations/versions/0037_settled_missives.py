"""When a message that belongs to no task was settled: it is kept for a while from then on, and no longer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("missives", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    # Of those from before it is not told when: their time counts from now.
    op.execute("UPDATE missives SET settled_at = CURRENT_TIMESTAMP WHERE next_at IS NULL")
    op.create_index(
        "ix_missives_settled",
        "missives",
        ["settled_at"],
        sqlite_where=sa.text("settled_at IS NOT NULL"),
        postgresql_where=sa.text("settled_at IS NOT NULL"),
    )
