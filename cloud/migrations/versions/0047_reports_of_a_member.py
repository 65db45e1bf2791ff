"""A resident who was signed in finds their own reports again: by member and time, without reading every report of the estate."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("member_id", sa.String(128)))
    connection = op.get_bind()
    reports = sa.table("reports", sa.column("id"), sa.column("body"), sa.column("member_id"))
    for row in connection.execute(sa.select(reports.c.id, reports.c.body)).all():
        member = json.loads(row.body).get("member_id")
        if member is not None:
            connection.execute(sa.update(reports).where(reports.c.id == row.id).values(member_id=member))
    op.create_index("ix_reports_member_id_at", "reports", ["member_id", "at"])
