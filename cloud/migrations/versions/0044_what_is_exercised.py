"""An exercise says which hazards of its points belong to it. Those planned before it did took everything these points raised,
and keep it: they were announced like that, and in a drill that is under way nobody is called in earnest.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    exercises = sa.table("exercises", sa.column("id"), sa.column("body"))
    for row in connection.execute(sa.select(exercises.c.id, exercises.c.body)).all():
        body = json.loads(row.body)
        body.setdefault("hazards", {point: ["*"] for point in body["equipment"]})
        told = sa.update(exercises).where(exercises.c.id == row.id)
        connection.execute(told.values(body=json.dumps(body, ensure_ascii=False, separators=(",", ":"))))
