"""Topics, ballots and votes, petitions, the electoral roll, and each estate's terms for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _topics()
    _ballots()
    op.create_table(
        "petitions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petitions")),
    )
    op.create_index(op.f("ix_petitions_estate_started_at"), "petitions", ["estate", "started_at"])
    op.create_table(
        "electoral_roll",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=True),
        sa.PrimaryKeyConstraint("estate", "owner", name=op.f("pk_electoral_roll")),
    )
    op.create_table(
        "consultation_terms",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("estate", name=op.f("pk_consultation_terms")),
    )


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("key", sa.String(320), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("over_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
    )
    op.create_index(op.f("ix_topics_estate_opened_at"), "topics", ["estate", "opened_at"])
    op.create_index(op.f("ix_topics_due_at"), "topics", ["due_at"])
    still_open = sa.text("over_at IS NULL")
    op.create_index(
        "uq_topics_open",
        "topics",
        ["estate", "key"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _ballots() -> None:
    op.create_table(
        "ballots",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("topic_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballots")),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_ballots_topic_id_topics")),
    )
    op.create_index(op.f("ix_ballots_topic_id"), "ballots", ["topic_id"])
    op.create_index(op.f("ix_ballots_due_at"), "ballots", ["due_at"])
    op.create_index(op.f("ix_ballots_estate_opened_at"), "ballots", ["estate", "opened_at"])
    op.create_table(
        "votes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("ballot_id", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("choice", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("entered_by", sa.String(128), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("delegate", sa.String(128), nullable=True),
        sa.Column("confirmed_by", sa.String(128), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballots.id"], name=op.f("fk_votes_ballot_id_ballots")),
    )
    op.create_index(op.f("ix_votes_ballot_id"), "votes", ["ballot_id"])
