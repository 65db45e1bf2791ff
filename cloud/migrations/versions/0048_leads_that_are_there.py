"""Tasks whose lead is there and silent have no moment at which time looks at them: it does at once."""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What the moment really is the first turn works out and saves.
    op.execute("UPDATE tasks SET next_due_at = opened_at WHERE state = 'in_progress'")
