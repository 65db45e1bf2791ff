"""A webhook that says there is nothing at its address any more is switched off; what was not taken is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_webhook_postings_untaken", "webhook_postings", ["estate", "id"], sqlite_where=sa.text("sent_at IS NULL")
    )
