"""A member chooses the language in which messages come; the estate's file, loaded again, leaves it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("chosen_language", sa.String(32), nullable=True))
