"""Who is reached: memberships, contacts, rosters and handovers; an estate's public days and working hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("estates", sa.Column("calendar", sa.Text(), nullable=True))
    op.add_column("estates", sa.Column("rosters_stamp", sa.String(64), nullable=True))
    op.create_table(
        "memberships",
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_memberships_member_id_members", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name="fk_memberships_party_id_parties"),
        sa.PrimaryKeyConstraint("member_id", "party_id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_party_id", "memberships", ["party_id"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.String(256), nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("preference", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("laid", sa.Boolean(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("code_sent_at", MOMENT, nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_contacts_member_id_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "channel", "address", name="pk_contacts"),
    )
    op.create_table(
        "rosters",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["estate"], ["estates.id"], name="fk_rosters_estate_estates", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("estate", "id", name="pk_rosters"),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("party_id", sa.String(128), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("drawn_by", sa.String(128), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("leaving_by", sa.String(128), nullable=True),
        sa.Column("leaving_at", MOMENT, nullable=True),
        sa.Column("coming_by", sa.String(128), nullable=True),
        sa.Column("coming_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index(
        "ix_handovers_estate_party_id_drawn_at", "handovers", ["estate", "party_id", "drawn_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("handovers")
    op.drop_table("rosters")
    op.drop_table("contacts")
    op.drop_table("memberships")
    op.drop_column("estates", "rosters_stamp")
    op.drop_column("estates", "calendar")
