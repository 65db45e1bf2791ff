"""Incidents and the tasks that answer them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, insert, or_, select, update

from cloud.adapters.sql import concerns
from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import upsert
from cloud.application.records import Tally
from cloud.application.sought import EVERYTHING, Sought
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.ending import ending
from cloud.domain.tasks.sight import Concern, Outlook, concern_of
from cloud.domain.tasks.task import Task, TaskState
from cloud.errors import Stale
from schemas.hazards import Severity

_TASK: Final = TypeAdapter(Task)
_i: Final = t.incidents.c
_LATEST: Final = (
    select(t.incidents)
    .where(_i.estate == bindparam("estate"), _i.matter == bindparam("matter"))
    .order_by(_i.id.desc())
    .limit(1)
)
_AMONG: Final = select(t.incidents).where(_i.id.in_(bindparam("incidents", expanding=True)))
_HIDDEN: Final = (
    select(t.incidents)
    .where(_i.estate == bindparam("estate"), _i.hidden_by.is_not(None), _i.closed_at.is_(None))
    .order_by(_i.id)
)
_ESTATE_OF: Final = select(t.tasks.c.estate).where(t.tasks.c.id == bindparam("task"))
_OF_INCIDENT: Final = select(t.tasks).where(t.tasks.c.incident_id == bindparam("incident"))
_CHANGE: Final = update(t.tasks).where(t.tasks.c.id == bindparam("task_id"), t.tasks.c.revision == bindparam("seen"))
_SOONEST: Final = select(func.min(t.tasks.c.next_due_at))
_INSERT_TASKS: Final = insert(t.tasks)
_WITH_INCIDENT: Final = t.tasks.join(t.incidents, t.incidents.c.id == t.tasks.c.incident_id)


def task_due(now: Any) -> ColumnElement[bool]:
    due: ColumnElement[bool] = t.tasks.c.next_due_at <= now
    return due


class SqlIncidents:
    """Implements `ports.Incidents`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, incident_id: str) -> Incident | None:
        return self.among([incident_id]).get(incident_id)

    def latest(self, estate: str, matter: str) -> Incident | None:
        row = self._connection.execute(_LATEST, {"estate": estate, "matter": matter}).one_or_none()
        return _incident(row) if row else None

    def among(self, incident_ids: Collection[str]) -> Mapping[str, Incident]:
        if not incident_ids:
            return {}
        rows = self._connection.execute(_AMONG, {"incidents": list(incident_ids)})
        return {row.id: _incident(row) for row in rows}

    def hidden_by(self, incident_id: str) -> Sequence[Incident]:
        rows = self._connection.execute(select(t.incidents).where(_i.hidden_by == incident_id).order_by(_i.id))
        return [_incident(row) for row in rows]

    def hidden(self, estate: str) -> Sequence[Incident]:
        return [_incident(row) for row in self._connection.execute(_HIDDEN, {"estate": estate})]

    def save(self, incident: Incident) -> None:
        row = {
            "id": incident.id,
            "estate": incident.estate,
            "matter": incident.matter,
            "mode": incident.mode,
            "hazard": incident.hazard,
            "severity": incident.severity.value,
            "place_id": incident.place_id,
            "equipment_id": incident.equipment_id,
            "node_id": incident.node_id,
            "opened_at": incident.opened_at,
            "late": incident.late,
            "closed_at": incident.closed_at,
            "hidden_by": incident.hidden_by,
        }
        upsert(self._connection, t.incidents, [row])


class SqlTasks:
    """Implements `ports.Tasks`. A task is kept whole as JSON; what is searched by stands beside it in columns."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, task_id: str) -> Task | None:
        row = self._connection.execute(select(t.tasks).where(t.tasks.c.id == task_id)).one_or_none()
        return _task(row) if row else None

    def estate_of(self, task_id: str) -> str | None:
        estate: str | None = self._connection.execute(_ESTATE_OF, {"task": task_id}).scalar()
        return estate

    def of_incident(self, incident_id: str) -> Task | None:
        row = self._connection.execute(_OF_INCIDENT, {"incident": incident_id}).one_or_none()
        return _task(row) if row else None

    def concerns(self, incident_ids: Collection[str]) -> Mapping[str, Concern]:
        return concerns.of_incidents(self._connection, incident_ids)

    def open(self, estate: str, seen_by: Outlook | None = None) -> Sequence[Task]:
        query = _seen_by(seen_by).where(t.tasks.c.estate == estate, t.tasks.c.over.is_(False)).order_by(t.tasks.c.id)
        return [_task(row) for row in self._connection.execute(query)]

    def open_over(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        seen = and_(t.tasks.c.over.is_(False), concerns.seen_over(seen_by))
        query = select(t.tasks).select_from(_WITH_INCIDENT).where(seen).order_by(t.tasks.c.id)
        return [_task(row) for row in self._connection.execute(query)]

    def unanswered(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        new = and_(t.tasks.c.over.is_(False), t.tasks.c.life_safety.is_(True), t.tasks.c.state == TaskState.NEW.value)
        query = (
            select(t.tasks).select_from(_WITH_INCIDENT).where(new, concerns.seen_over(seen_by)).order_by(t.tasks.c.id)
        )
        return [_task(row) for row in self._connection.execute(query)]

    def tallies(self, seen_by: Mapping[str, Outlook], parties: Collection[str]) -> Mapping[str, Tally]:
        own = concerns.has_part(parties)
        life = and_(t.tasks.c.life_safety.is_(True), _i.mode == "real", concerns.seen_over(seen_by))
        counted = (func.sum(case((one, 1), else_=0)).label(name) for name, one in (("life", life), ("own", own)))
        query = select(t.tasks.c.estate, *counted).select_from(_WITH_INCIDENT).group_by(t.tasks.c.estate)
        open_here = and_(t.tasks.c.estate.in_(list(seen_by)), t.tasks.c.over.is_(False))
        rows = self._connection.execute(query.where(open_here))
        return {row.estate: Tally(row.life, row.own) for row in rows if row.life or row.own}

    def closed(
        self, estate: str, *, limit: int = 50, before: tuple[datetime, str] | None = None,
        seen_by: Outlook | None = None, sought: Sought = EVERYTHING,
    ) -> Sequence[Task]:  # fmt: skip
        query = _seen_by(seen_by, joined=sought != EVERYTHING)
        query = query.where(t.tasks.c.estate == estate, t.tasks.c.over.is_(True), *_found_by(sought))
        if before is not None:
            at, last = before
            earlier, later_id = t.tasks.c.closed_at < at, and_(t.tasks.c.closed_at == at, t.tasks.c.id > last)
            query = query.where(or_(earlier, later_id))
        rows = self._connection.execute(query.order_by(t.tasks.c.closed_at.desc(), t.tasks.c.id).limit(limit))
        return [_task(row) for row in rows]

    def due(self, now: datetime, limit: int = 1) -> Sequence[Task]:
        query = select(t.tasks).where(task_due(now)).order_by(t.tasks.c.next_due_at, t.tasks.c.id).limit(limit)
        # SQLite has one writer, so the transaction is the claim; PostgreSQL leaves to others what we hold.
        return [_task(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]

    def next_due_at(self) -> datetime | None:
        due: datetime | None = self._connection.execute(_SOONEST).scalar()
        return due

    def save(self, task: Task) -> None:
        seen = task.revision
        task.revision = seen + 1
        row = {
            "id": task.id,
            "estate": task.estate,
            "incident_id": task.incident_id,
            "state": task.state.value,
            "over": not task.open,
            "life_safety": task.life_safety,
            "responsible_id": task.responsible_id,
            "opened_at": task.opened_at,
            "closed_at": task.closed_at,
            "next_due_at": next_due(task),
            "revision": task.revision,
            "body": _TASK.dump_json(task).decode(),
            "ending": ending(task),
        }
        if seen == 0:
            self._connection.execute(_INSERT_TASKS, row)
            self._keep_concern(task, new=True)
            return
        changed = self._connection.execute(_CHANGE, {**row, "task_id": task.id, "seen": seen})
        if changed.rowcount != 1:
            raise Stale(
                f"Task {task.id} was changed by somebody else meanwhile: reload it.", "任务已被他人更新，请刷新"
            )
        self._keep_concern(task, new=False)

    def _keep_concern(self, task: Task, *, new: bool) -> None:
        # Where it lies stands with its incident.
        concerns.keep(self._connection, task, concern_of(task, ""), new=new)


def _seen_by(outlook: Outlook | None, *, joined: bool = False) -> Select[Any]:
    """`joined`: with their incidents, also where the outlook does not ask for them."""
    everything = outlook is None or outlook.everything
    if everything and not joined:
        return select(t.tasks)
    query = select(t.tasks).select_from(_WITH_INCIDENT)
    return query if outlook is None or everything else query.where(concerns.seen_in(outlook))


def _found_by(sought: Sought) -> Iterator[ColumnElement[bool]]:
    task = t.tasks.c
    if sought.place is not None:
        yield concerns.within(_i.place_id, sought.place)
    if sought.hazard is not None:
        yield or_(_i.hazard == sought.hazard, _i.hazard.startswith(f"{sought.hazard}.", autoescape=True))
    if sought.party is not None:
        yield concerns.has_part((sought.party,))
    if sought.ending is not None:
        yield task.ending == sought.ending.value
    if sought.since is not None:
        yield task.closed_at >= sought.since
    if sought.until is not None:
        yield task.closed_at < sought.until


def _incident(row: Row[Any]) -> Incident:
    return Incident(
        id=row.id,
        estate=row.estate,
        matter=row.matter,
        mode=row.mode,
        hazard=row.hazard,
        severity=Severity(row.severity),
        place_id=row.place_id,
        equipment_id=row.equipment_id,
        node_id=row.node_id,
        opened_at=row.opened_at,
        late=row.late,
        closed_at=row.closed_at,
        hidden_by=row.hidden_by,
    )


def _task(row: Row[Any]) -> Task:
    return _TASK.validate_json(row.body)
