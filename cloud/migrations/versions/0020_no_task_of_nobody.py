"""A task without a responsible party cannot exist: the database refuses one too, whoever asks it."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_SAID = "a task without a responsible party cannot exist"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # SQLite adds no constraint to a table that others refer to, short of making it anew.
        for name, deed in (("insert", "INSERT"), ("update", "UPDATE OF responsible_id")):
            op.execute(
                f"CREATE TRIGGER tasks_of_nobody_{name} BEFORE {deed} ON tasks WHEN NEW.responsible_id = ''"
                f" BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
            )
    else:
        op.create_check_constraint("ck_tasks_responsible", "tasks", "responsible_id <> ''")
