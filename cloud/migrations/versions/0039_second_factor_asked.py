"""When a second factor was first asked of somebody, and until when a session does without."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factor_asks",
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
            name=op.f("fk_second_factor_asks_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_second_factor_asks")),
    )
    op.add_column("access_keys", sa.Column("factor_by", sa.DateTime(timezone=True), nullable=True))
