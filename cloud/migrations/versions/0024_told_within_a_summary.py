"""In a flood several messages to one member go out as one summary; each of them says in which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("summary", sa.String(32), nullable=True))
    op.create_index("ix_deliveries_told", "deliveries", ["member_id", "sent_at"])
