"""Credit: entries and published tables; offers, needs and small tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("act_id", sa.String(128), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("earned", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("table_version", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("withheld", sa.String(32), nullable=True),
        sa.Column("incident_id", sa.String(64), nullable=True),
        sa.Column("reverses", sa.String(64), nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_entries"),
        sa.UniqueConstraint("reverses", name="uq_credit_entries_reverses"),
        sa.UniqueConstraint(
            "estate", "act_id", "member_id", "kind", name="uq_credit_entries_estate_act_id_member_id_kind"
        ),
    )
    op.create_index("ix_credit_entries_estate_member_id_day", "credit_entries", ["estate", "member_id", "day"])
    op.create_table(
        "credit_versions",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("estate", "version", name="pk_credit_versions"),
    )
    op.create_table(
        "postings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("side", sa.String(32), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("capability", sa.String(128), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_postings"),
    )
    op.create_index("ix_postings_estate_side_open_posted_at", "postings", ["estate", "side", "open", "posted_at"])
    op.create_table(
        "small_tasks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_small_tasks"),
    )
    op.create_index("ix_small_tasks_estate_over_posted_at", "small_tasks", ["estate", "over", "posted_at"])


def downgrade() -> None:
    for table in ("small_tasks", "postings", "credit_versions", "credit_entries"):
        op.drop_table(table)
