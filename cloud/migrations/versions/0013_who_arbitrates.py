"""An estate names who decides which party leads when that is in dispute, and within what time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("estates", sa.Column("arbiter_party_id", sa.String(128)))
    op.add_column("estates", sa.Column("arbitrate_within_s", sa.Float()))
