"""Ballots and petitions say since when they only wait for the names in them to be forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("ballots", "petitions"):
        op.add_column(table, sa.Column("named_since", MOMENT, nullable=True))
        op.create_index(op.f(f"ix_{table}_named_since"), table, ["named_since"])
    op.execute("UPDATE petitions SET named_since = started_at")
    # When a ballot closed stands in its body only.
    connection = op.get_bind()
    ballots = sa.table(
        "ballots", sa.column("id"), sa.column("state"), sa.column("body"), sa.column("named_since", MOMENT)
    )
    closed = sa.select(ballots.c.id, ballots.c.body).where(ballots.c.state == "closed")
    for row in connection.execute(closed).all():
        at = datetime.fromisoformat(json.loads(row.body)["closed_at"]).astimezone(UTC)
        # SQLite keeps moments as text without an offset, as `types.Moment` does.
        kept = at.replace(tzinfo=None) if connection.dialect.name == "sqlite" else at
        connection.execute(sa.update(ballots).where(ballots.c.id == row.id).values(named_since=kept))
