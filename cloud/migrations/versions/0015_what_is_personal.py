"""Events say how closely they lead to a person, so that they can be forgotten in time; of access events counts stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("privacy", sa.String(32), nullable=True))
    # Whose list an old event's card was on is not looked for: each that bears a card's mark counts as known.
    op.execute(
        "UPDATE events SET privacy = CASE WHEN body LIKE '%\"credential\"%' THEN 'identified' ELSE 'pseudonymous' END "
        "WHERE kind IN ('access.granted', 'access.denied')"
    )
    op.create_index(
        "ix_events_personal",
        "events",
        ["privacy", "at"],
        unique=False,
        sqlite_where=sa.text("privacy IS NOT NULL"),
        postgresql_where=sa.text("privacy IS NOT NULL"),
    )
    op.create_table(
        "access_counts",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("equipment", sa.String(128), nullable=False),
        sa.Column("day", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("estate", "equipment", "day", "kind", name="pk_access_counts"),
    )
    op.create_index(
        "ix_dead_letters_unread",
        "dead_letters",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("length(payload) > 0"),
        postgresql_where=sa.text("length(payload) > 0"),
    )
