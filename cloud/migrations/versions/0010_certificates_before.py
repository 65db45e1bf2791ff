"""Certificates that a credential had before its last one are kept until they end, so that revoking revokes them too; and the
outbox that a board was enrolled with, so that it is known when the board is replaced.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("credentials", sa.Column("former", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("credentials", sa.Column("outbox", sa.String(64), nullable=True))
