"""Estates have a key for card numbers, kept sealed, and it is known which node uses it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "card_keys",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("estate", "version", name="pk_card_keys"),
        sa.UniqueConstraint("estate", "id", name="uq_card_keys_estate_id"),
    )
    op.create_table(
        "card_key_holders",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("node_id", sa.String(128), nullable=False),
        sa.Column("first", sa.String(64), nullable=False),
        sa.Column("reported", sa.String(64), nullable=False),
        sa.Column("order", sa.String(64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("behind_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("estate", "node_id", name="pk_card_key_holders"),
    )
    op.create_index("ix_orders_expires_at", "orders", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_orders_expires_at", table_name="orders")
    for table in ("card_key_holders", "card_keys"):
        op.drop_table(table)
