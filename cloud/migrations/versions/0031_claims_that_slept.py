"""Claims from before people were asked to look after them have no moment at which time looks at them: it does at once."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What the moment really is the first turn works out and saves.
    op.execute("UPDATE tasks SET next_due_at = opened_at WHERE state = 'resolved' AND next_due_at IS NULL")
