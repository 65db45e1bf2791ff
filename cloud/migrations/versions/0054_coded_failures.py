"""Why something was not taken is kept with its code and values; what was kept before stays the sentence it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("deliveries", "webhook_postings"):
        op.add_column(table, sa.Column("failure", sa.Text(), nullable=True))
