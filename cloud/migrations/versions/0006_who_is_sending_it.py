"""A message is held by the worker that is about to send it, so that two workers never send the same."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("held_by", sa.String(32), nullable=True))
    op.add_column("notifications", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
