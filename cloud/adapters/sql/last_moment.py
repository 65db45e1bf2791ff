"""The last moment on record: what the clock of a new process goes on from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, func, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.engine import WRITES
from cloud.adapters.sql.units import told_plainly


def last_moment(engine: Engine) -> datetime | None:
    """When the newest entry of any estate's ledger was made; None where nothing ever happened. Raises Unavailable."""
    heads = select(t.ledger.c.estate, func.max(t.ledger.c.seq).label("seq")).group_by(t.ledger.c.estate).subquery()
    newest = select(func.max(t.ledger.c.at)).join(
        heads, (t.ledger.c.estate == heads.c.estate) & (t.ledger.c.seq == heads.c.seq)
    )
    with told_plainly(), engine.connect() as bare:
        connection = bare.execution_options(**{WRITES: False})
        connection.begin()
        last: datetime | None = connection.execute(newest).scalar()
    return last
