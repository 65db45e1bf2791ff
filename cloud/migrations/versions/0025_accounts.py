"""Members have accounts; sessions say where they are and when they were used; some keys open one task only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _accounts()
    _invitations()
    op.create_table(
        "sign_in_tries",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("against", sa.String(32), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_at", "sign_in_tries", ["at"])
    op.create_table(
        "first_run",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_first_run"),
    )
    op.add_column("access_keys", sa.Column("seen_at", MOMENT, nullable=True))
    op.add_column("access_keys", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    op.add_column("access_keys", sa.Column("device", sa.String(256), nullable=False, server_default=""))
    op.add_column("access_keys", sa.Column("through", sa.String(32), nullable=True))
    op.add_column("access_keys", sa.Column("matters", sa.Text(), nullable=False, server_default="[]"))
    # Who stands in an estate's file, and who was asked in beside it.
    op.add_column("estate_members", sa.Column("laid", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("estates", sa.Column("members_stamp", sa.String(64), nullable=True))


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("password_at", MOMENT, nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(256), nullable=True),
        sa.Column("sub", sa.String(256), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_accounts_member_id_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name="pk_accounts"),
        sa.UniqueConstraint("login", name="uq_accounts_login"),
        sa.UniqueConstraint("issuer", "sub", name="uq_accounts_issuer_sub"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_recovery_codes_member_id_members", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "hash", name="pk_recovery_codes"),
    )


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("new", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(128), nullable=False),
        sa.Column("email", sa.String(256), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("secret_hash", name="uq_invitations_secret_hash"),
    )
    op.create_index("ix_invitations_estate", "invitations", ["estate"])
    op.create_index("ix_invitations_email", "invitations", ["email"])


def downgrade() -> None:
    op.drop_column("estates", "members_stamp")
    op.drop_column("estate_members", "laid")
    for column in ("matters", "through", "device", "address", "seen_at"):
        op.drop_column("access_keys", column)
    for table in ("first_run", "sign_in_tries", "invitations", "recovery_codes", "accounts"):
        op.drop_table(table)
