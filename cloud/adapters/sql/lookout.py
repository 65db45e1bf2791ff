"""Looks in one statement, which goes through an index for each, for whatever loops would look for one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Select, bindparam, or_, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.assurance import planned_over
from cloud.adapters.sql.assurance_tables import exercises, windows
from cloud.adapters.sql.engine import WRITES
from cloud.adapters.sql.fleet import silent
from cloud.adapters.sql.matters import task_due
from cloud.adapters.sql.missive_tables import missives
from cloud.adapters.sql.missives import missive_due
from cloud.adapters.sql.node_orders import order_lapsed, order_untold, untold_configurations
from cloud.adapters.sql.notices import anything_waits
from cloud.adapters.sql.types import Moment
from cloud.adapters.sql.units import told_plainly
from cloud.adapters.sql.webhooks import posting_due, webhooks_behind
from cloud.application.lookout import Work


def _look() -> Select[Any]:
    """A truth for each `Work`, at `now`."""
    now: Any = bindparam("now", type_=Moment())
    asked = {
        Work.TIMERS: (
            select(t.tasks.c.id).where(task_due(now)),
            select(exercises.c.id).where(planned_over(exercises, now)),
            select(windows.c.id).where(planned_over(windows, now)),
            select(t.nodes.c.id).where(silent(now)),
        ),
        Work.NOTIFICATIONS: anything_waits(now),
        Work.MISSIVES: (select(missives.c.id).where(missive_due(now)),),
        Work.TELLING_NODES: (
            untold_configurations(),
            select(t.orders.c.id).where(order_untold(now)),
            select(t.orders.c.id).where(order_lapsed(now)),
        ),
        Work.WEBHOOKS: (webhooks_behind(), select(t.webhook_postings.c.id).where(posting_due(now))),
    }
    truths: list[Any] = [or_(*(one.exists() for one in each)).label(work.name) for work, each in asked.items()]
    look: Select[Any] = select(*truths)
    return look


_LOOK: Final = _look()
"""Put together once: that takes longer than the answer."""


class SqlLookout:
    """Implements `lookout.Lookout`. Safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def due(self, now: datetime) -> frozenset[Work]:
        with told_plainly(), self._engine.connect() as bare:
            connection = bare.execution_options(**{WRITES: False})
            row = connection.execute(_LOOK, {"now": now}).one()
        return frozenset(work for work in Work if getattr(row, work.name))
