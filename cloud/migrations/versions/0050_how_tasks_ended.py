"""How a task ended stands beside it, so that matters that are over are searched by it."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("ending", sa.String(32)))
    tasks = sa.table("tasks", sa.column("id"), sa.column("state"), sa.column("body"), sa.column("ending"))
    connection = op.get_bind()
    connection.execute(sa.update(tasks).where(tasks.c.state.in_(("merged", "cancelled"))).values(ending=tasks.c.state))
    # As `domain.tasks.ending` judged when this was written.
    for row in connection.execute(sa.select(tasks.c.id, tasks.c.body).where(tasks.c.state == "closed")).all():
        body = json.loads(row.body)
        reason = (body.get("resolution") or {}).get("reason")
        ended = "unverified" if body.get("unverified") else "false_alarm" if reason == "false_alarm" else "verified"
        connection.execute(sa.update(tasks).where(tasks.c.id == row.id).values(ending=ended))
