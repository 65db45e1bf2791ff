"""The ledger refuses to be changed whoever asks the database; personal words leave the notes for a table of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger", "ledger_heads")

_NEXT = "NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger WHERE estate = NEW.estate)"
_OUT_OF_ORDER = "the ledger is numbered in the order of commits: this entry does not follow the last one"


def upgrade() -> None:
    _make_tables()
    _move_words_of_notes()
    op.create_index("ix_ledger_estate_at", "ledger", ["estate", "at"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _make_tables() -> None:
    op.create_table(
        "personal",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("sort", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.Column("incident_id", sa.String(64)),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_personal"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_personal_incident_id_incidents"),
    )
    op.create_index("ix_personal_incident_id", "personal", ["incident_id"])
    op.create_index("ix_personal_estate_subject", "personal", ["estate", "subject"])
    kept = sa.text("erased_at IS NULL")
    op.create_index("ix_personal_kept", "personal", ["sort", "at"], sqlite_where=kept, postgresql_where=kept)
    op.create_table(
        "personal_looks",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("member_id", sa.String(128), nullable=False),
        sa.Column("about", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("estate", "member_id", "about", name="pk_personal_looks"),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("estate", sa.String(128), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("estate", "seq", name="pk_ledger_heads"),
    )


def _move_words_of_notes() -> None:
    op.execute(
        "INSERT INTO personal (id, estate, subject, sort, at, text, salt, incident_id)"
        " SELECT notes.id, incidents.estate, 'member:' || notes.member_id, 'note', notes.at, notes.text, notes.salt,"
        " notes.incident_id FROM notes JOIN incidents ON incidents.id = notes.incident_id"
    )
    op.drop_column("notes", "text")
    op.drop_column("notes", "salt")


def _guard_sqlite() -> None:
    for table in APPEND_ONLY:
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: nothing in it is updated or deleted'); END"
            )
    # Also what keeps INSERT OR REPLACE out, for which SQLite fires no trigger of DELETE.
    op.execute(
        f"CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger WHEN {_NEXT}"
        f" BEGIN SELECT RAISE(ABORT, '{_OUT_OF_ORDER}'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_heads_once BEFORE INSERT ON ledger_heads WHEN EXISTS"
        " (SELECT 1 FROM ledger_heads WHERE estate = NEW.estate AND seq >= NEW.seq)"
        " BEGIN SELECT RAISE(ABORT, 'a head once published stands'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION tocsin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is append-only: nothing in it is updated or deleted', TG_TABLE_NAME"
        " USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE FUNCTION tocsin_ledger_in_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {_NEXT}"
        f" THEN RAISE EXCEPTION '{_OUT_OF_ORDER}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        " RETURN NEW; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION tocsin_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tocsin_append_only()"
        )
    op.execute(
        "CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION tocsin_ledger_in_order()"
    )
