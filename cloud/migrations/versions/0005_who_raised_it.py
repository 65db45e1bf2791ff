"""An occurrence remembers its node: several nodes may raise one alert, and each answers for its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("occurrences", sa.Column("node_id", sa.String(128), nullable=True))
    op.execute(
        "UPDATE occurrences SET node_id = (SELECT alerts.node_id FROM alerts WHERE alerts.id = occurrences.alert_id)"
    )
    op.create_index(
        "ix_occurrences_lasting",
        "occurrences",
        ["node_id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
