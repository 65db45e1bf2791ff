"""How often an alarm was raised in the last minutes is asked all the time, and must not read every raise there ever was."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_occurrences_raised_at", "occurrences", ["raised_at"])
