"""Why something was not taken is kept with its code and values, and of what nodes said in both languages; what was kept before
stays the sentence it is. What is issued to several nodes at once is called a rollout, as elsewhere.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_OF_A_ROLLOUT = sa.text("rollout IS NOT NULL")


def upgrade() -> None:
    for table in ("deliveries", "webhook_postings"):
        op.add_column(table, sa.Column("failure", sa.Text(), nullable=True))
    op.add_column("dead_letters", sa.Column("reason_zh", sa.Text(), nullable=True))
    op.drop_index("ix_configurations_deed", "configurations")
    op.alter_column("configurations", "deed", new_column_name="rollout")
    op.create_index(
        "ix_configurations_rollout",
        "configurations",
        ["estate", "rollout"],
        sqlite_where=_OF_A_ROLLOUT,
        postgresql_where=_OF_A_ROLLOUT,
    )
