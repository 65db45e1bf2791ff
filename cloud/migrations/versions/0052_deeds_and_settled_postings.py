"""What was issued to several nodes at once is found by its deed; what other systems took is forgotten one day, and found by its age."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"
branch_labels = None
depends_on = None

_OF_A_DEED = sa.text("deed IS NOT NULL")


def upgrade() -> None:
    op.add_column("configurations", sa.Column("deed", sa.String(64), nullable=True))
    op.create_index(
        "ix_configurations_deed",
        "configurations",
        ["estate", "deed"],
        sqlite_where=_OF_A_DEED,
        postgresql_where=_OF_A_DEED,
    )
    op.create_index("ix_webhook_postings_created_at", "webhook_postings", ["created_at"])
