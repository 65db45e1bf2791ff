"""Whom each task concerns stands beside it: lists are narrowed to what a party may see in their query. A webhook is a
party's, and tells what that one sees.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_AT_ONCE = 500


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("party_id", sa.String(128), nullable=False, server_default=""))
    op.execute(
        "UPDATE webhooks SET party_id = "
        "COALESCE((SELECT members.party_id FROM members WHERE members.id = webhooks.created_by), '')"
    )
    made = op.create_table(
        "task_concerns",
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("how", sa.String(32), nullable=False),
        sa.Column("value", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_concerns_task_id_tasks"),
        sa.PrimaryKeyConstraint("task_id", "how", "value", name="pk_task_concerns"),
    )
    op.create_index("ix_task_concerns_how_value", "task_concerns", ["how", "value"])
    connection, last = op.get_bind(), ""
    tasks = sa.table("tasks", sa.column("id", sa.String), sa.column("body", sa.Text))
    while rows := connection.execute(
        sa.select(tasks.c.id, tasks.c.body).where(tasks.c.id > last).order_by(tasks.c.id).limit(_AT_ONCE)
    ).all():
        found = [
            {"task_id": id_, "how": how, "value": value} for id_, body in rows for how, value in _of(json.loads(body))
        ]
        if found:
            connection.execute(sa.insert(made), found)
        last = rows[-1].id


def _of(task: dict[str, Any]) -> set[tuple[str, str]]:
    return {("part", party) for party in _parts(task) if party} | set(_named(task.get("duty") or {}))


def _parts(task: dict[str, Any]) -> Iterator[str | None]:
    for part in task.get("assignments") or ():
        yield from (part["party_id"], part.get("handing_to"))
    yield from (call["party_id"] for call in task.get("calls") or ())
    asked = task.get("arbitration")
    if asked:
        yield from (asked["arbiter_id"], *(asked.get("passed_over") or ()))


def _named(duty: dict[str, Any]) -> Iterator[tuple[str, str]]:
    steps = (duty.get("ladder") or {}).get("steps") or ()
    refs = (duty.get("leads"), duty.get("supports"), duty.get("observers"), *(step.get("targets") for step in steps))
    named = (one.get("party") if "only" in one else one for some in refs for one in some or ())
    yield from ((ref["by"], ref["value"]) for ref in named if ref)
