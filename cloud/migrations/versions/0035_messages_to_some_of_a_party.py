"""A step of a ladder may call only some of a party: the message says whom. What waits already is for all of its party."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notifications", sa.Column("only_some", sa.Text(), nullable=True))
