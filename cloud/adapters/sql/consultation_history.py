"""What patterns and effects are made from, read out of incidents, tasks, alerts and the ledger."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from cloud.adapters.sql import tables as t
from cloud.domain.consultation.patterns import DeclinedTask, PastIncident, repeats
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason, TaskState


class SqlHistory:
    """Implements `consultation_ports.History`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def incidents(self, estate: str, since: datetime) -> Sequence[PastIncident]:
        i, tasks = t.incidents, t.tasks
        real = (i.c.estate == estate, i.c.mode == "real", i.c.opened_at >= since, i.c.hidden_by.is_(None))
        query = (
            select(i.c.id, i.c.equipment_id, i.c.hazard, i.c.opened_at, tasks.c.body)
            .join(tasks, tasks.c.incident_id == i.c.id, isouter=True)
            .where(*real)
            .order_by(i.c.opened_at, i.c.id)
        )
        found = ((row, *_stands(row.body)) for row in self._connection.execute(query))
        return [
            PastIncident(row.id, row.equipment_id, row.hazard, row.opened_at, reason is ResolutionReason.FALSE_ALARM)
            for row, state, reason in found
            if repeats(state, reason)
        ]

    def declined(self, estate: str, since: datetime, at_least: int) -> Sequence[DeclinedTask]:
        ledger, i = t.ledger, t.incidents
        query = (
            select(ledger.c.subject, ledger.c.incident_id, ledger.c.data, i.c.equipment_id, i.c.hazard)
            .join(i, i.c.id == ledger.c.incident_id)
            .where(ledger.c.estate == estate, ledger.c.kind == Kind.DECLINED.value, ledger.c.at >= since)
            .where(i.c.mode == "real")
            .order_by(ledger.c.subject, ledger.c.seq)
        )
        disputes = [row for row in self._connection.execute(query) if _disputes(json.loads(row.data))]
        often = Counter(row.subject for row in disputes)
        tasks = {row.subject: row for row in disputes if often[row.subject] >= at_least}
        return [
            DeclinedTask(row.subject, row.incident_id, row.equipment_id, row.hazard, often[row.subject])
            for row in tasks.values()
        ]

    def alarms(
        self, estate: str, since: datetime, until: datetime, *, equipment: str | None, hazard: str | None
    ) -> int:
        a, o = t.alerts, t.occurrences
        query = (
            select(func.count())
            .select_from(o)
            .join(a, a.c.id == o.c.alert_id)
            .where(a.c.estate == estate, a.c.mode == "real", o.c.raised_at >= since, o.c.raised_at < until)
        )
        # What the cloud notes of a resolution under the equipment's name is no alarm of it.
        query = query.where(a.c.hazard == hazard) if hazard else query.where(a.c.hazard.not_like("civic.%"))
        if equipment:
            query = query.where(a.c.equipment == equipment)
        return self._connection.execute(query).scalar_one()

    def observed_since(self, estate: str) -> datetime | None:
        ledger = t.ledger
        first = select(ledger.c.at).where(ledger.c.estate == estate).order_by(ledger.c.seq).limit(1)
        began: datetime | None = self._connection.execute(first).scalar()
        return began


def _disputes(data: Mapping[str, Any]) -> bool:
    """Whether a decline says that the duty is another's: the lead cites why. A helper that cannot come disputes nothing.
    Entries from before leads were told apart are taken for a lead's.
    """
    return data.get("reason") == "cited" and bool(data.get("lead", True))


def _stands(body: str | None) -> tuple[TaskState, ResolutionReason | None]:
    """How its task stands. One that was reopened since says nothing any more of why it was closed."""
    task = json.loads(body) if body else {}
    resolution = task.get("resolution")
    return TaskState(task.get("state", TaskState.NEW)), ResolutionReason(resolution["reason"]) if resolution else None
