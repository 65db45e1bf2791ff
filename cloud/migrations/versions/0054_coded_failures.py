"""Why something was not taken is kept with its code and values, and of what nodes said in both languages; what was kept before
stays the sentence it is.
"""

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
    op.add_column("dead_letters", sa.Column("reason_zh", sa.Text(), nullable=True))
