"""What other systems took, or was given up, is forgotten one day: by its age it is found without reading all of it."""

from __future__ import annotations

from alembic import op

revision = "0052"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_webhook_postings_created_at", "webhook_postings", ["created_at"])
