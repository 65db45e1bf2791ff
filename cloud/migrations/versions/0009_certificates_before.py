"""Certificates that a credential had before its last one are kept until they end, so that revoking revokes them too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("credentials", sa.Column("former", sa.Text(), nullable=False, server_default="[]"))
