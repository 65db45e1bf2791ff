"""Counts for those who watch the service, made by the database."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.engine import WRITES
from cloud.adapters.sql.notice_tables import (
    UNADDRESSED,
    UNTAKEN,
    WAITING,
    deliveries,
    notifications,
    webhook_postings,
)
from cloud.adapters.sql.register_tables import estates
from cloud.adapters.sql.units import told_plainly
from cloud.application.asking.figures import EstateFigures, Figures


class SqlFigures:
    """Implements `figures.FigureReader`. Safe to use from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def figures(self, now: datetime) -> Figures:
        with told_plainly(), self._engine.connect() as bare:
            connection = bare.execution_options(**{WRITES: False})
            connection.begin()
            waiting, oldest, retried = _waiting(connection, now)
            due = connection.execute(select(func.min(t.tasks.c.next_due_at))).scalar()
            return Figures(
                estates=_estates(connection),
                timers_late_s=_since(due, now),
                notifications_waiting=waiting,
                notifications_oldest_s=_since(oldest, now),
                notifications_retried=retried,
            )


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _waiting(connection: Connection, now: datetime) -> tuple[int, datetime | None, int]:
    """(unsent, the earliest due attempt, those tried at least once); what is not addressed yet counts as one."""
    c = notifications.c
    fresh, since = connection.execute(
        select(func.count(), func.min(c.created_at)).select_from(notifications).where(UNADDRESSED)
    ).one()
    d = deliveries.c
    count, due = connection.execute(select(func.count(), func.min(d.next_attempt_at)).where(WAITING)).one()
    retried = connection.execute(select(func.count()).where(WAITING, d.attempts > 0).select_from(deliveries))
    late = [moment for moment in (since, due) if moment is not None and moment <= now]
    return fresh + count, min(late, default=None), retried.scalar_one()


def _estates(connection: Connection) -> dict[str, EstateFigures]:
    tasks: dict[str, dict[tuple[str, bool], int]] = defaultdict(dict)
    c = t.tasks.c
    open_tasks = select(c.estate, c.state, c.life_safety, func.count()).where(c.over.is_(False))
    for estate, state, life_safety, count in connection.execute(open_tasks.group_by(c.estate, c.state, c.life_safety)):
        tasks[estate][state, bool(life_safety)] = count
    nodes = {
        (estate, bool(online)): count
        for estate, online, count in connection.execute(
            select(t.nodes.c.estate, t.nodes.c.online, func.count()).group_by(t.nodes.c.estate, t.nodes.c.online)
        )
    }
    letters = _per_estate(connection, select(t.dead_letters.c.estate, func.count()).group_by(t.dead_letters.c.estate))
    heads = _per_estate(connection, select(t.ledger.c.estate, func.max(t.ledger.c.seq)).group_by(t.ledger.c.estate))
    p = webhook_postings.c
    posts = {
        (estate, bool(given_up)): count
        for estate, given_up, count in connection.execute(
            select(p.estate, p.failed_at.is_not(None), func.count())
            .where(UNTAKEN)
            .group_by(p.estate, p.failed_at.is_not(None))
        )
    }
    return {
        estate: EstateFigures(
            tasks=tasks.get(estate, {}),
            nodes_online=nodes.get((estate, True), 0),
            nodes_offline=nodes.get((estate, False), 0),
            dead_letters=letters.get(estate, 0),
            ledger_seq=heads.get(estate, 0),
            webhooks_waiting=posts.get((estate, False), 0),
            webhooks_given_up=posts.get((estate, True), 0),
        )
        for (estate,) in connection.execute(select(estates.c.id).order_by(estates.c.id))
    }


def _per_estate(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {estate: count for estate, count in connection.execute(query) if estate is not None}
