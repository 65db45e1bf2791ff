"""Alerts and their occurrences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, or_, select, union

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.alarm_records import alarm_records
from cloud.adapters.sql.false_alarms import false_alarms, last_ended
from cloud.adapters.sql.upserting import upsert
from cloud.application.records import Raises
from cloud.domain.incidents.alarm_quality import AlarmRecord
from cloud.domain.incidents.alert import Alert, AlertState, Ended, Fingerprint, Occurrence
from cloud.domain.incidents.false_alarms import FalseAlarm
from schemas.hazards import Severity

_a: Final = t.alerts.c
_CONCERNING: Final = union(
    select(t.alerts).where(_a.fingerprint == bindparam("fingerprint"), _a.state == AlertState.FIRING.value),
    select(t.alerts).where(
        _a.fingerprint == bindparam("fingerprint"),
        _a.id.in_(select(t.occurrences.c.alert_id).where(t.occurrences.c.id == bindparam("occurrence"))),
    ),
)
_FIRING: Final = (
    select(t.alerts).where(_a.estate == bindparam("estate"), _a.state == AlertState.FIRING.value).order_by(_a.id)
)
_FIRING_AMONG: Final = _FIRING.where(_a.hazard.in_(bindparam("hazards", expanding=True)))
_FIRING_OF_NODE: Final = _FIRING.where(
    _a.id.in_(
        select(t.occurrences.c.alert_id).where(
            t.occurrences.c.node_id == bindparam("node"), t.occurrences.c.ended_at.is_(None)
        )
    )
)
_OF_INCIDENTS: Final = (
    select(t.alerts).where(_a.incident_id.in_(bindparam("incidents", expanding=True))).order_by(_a.id)
)
_OCCURRENCES: Final = select(t.occurrences).where(t.occurrences.c.alert_id.in_(bindparam("alerts", expanding=True)))
_OF_EQUIPMENT: Final = (
    select(t.alerts)
    .where(
        _a.estate == bindparam("estate"),
        _a.equipment == bindparam("equipment"),
        or_(_a.state == AlertState.FIRING.value, _a.resolved_at >= bindparam("since")),
    )
    .order_by(_a.started_at.desc(), _a.id)
    .limit(bindparam("most"))
)
_RAISED_OFTEN: Final = (
    select(_a.hazard, _a.equipment, func.max(_a.node_id).label("node_id"), func.count().label("count"))
    .join(t.occurrences, t.occurrences.c.alert_id == _a.id)
    .where(
        _a.estate == bindparam("estate"), _a.mode == "real", t.occurrences.c.raised_at >= bindparam("since")
    )
    .group_by(_a.hazard, _a.equipment)
    .having(func.count() > bindparam("more_than"))
    .order_by(_a.equipment, _a.hazard)
)  # fmt: skip


class SqlAlerts:
    """Implements `ports.Alerts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def concerning(self, fingerprint: Fingerprint, occurrence_id: str) -> Sequence[Alert]:
        wanted = {"fingerprint": str(fingerprint), "occurrence": occurrence_id}
        return self._with_occurrences(self._connection.execute(_CONCERNING, wanted))

    def firing(
        self, estate: str, *, hazards: Collection[str] | None = None, node_id: str | None = None
    ) -> Sequence[Alert]:
        wanted: dict[str, Any] = {"estate": estate}
        query = _FIRING
        if hazards is not None:
            query, wanted["hazards"] = _FIRING_AMONG, sorted(hazards)
        elif node_id is not None:
            query, wanted["node"] = _FIRING_OF_NODE, node_id
        found = self._with_occurrences(self._connection.execute(query, wanted))
        return [alert for alert in found if node_id is None or alert.fires_for(node_id)]

    def raised_often(self, estate: str, since: datetime, more_than: int) -> Sequence[Raises]:
        wanted = {"estate": estate, "since": since, "more_than": more_than}
        rows = self._connection.execute(_RAISED_OFTEN, wanted)
        return [Raises(row.hazard, row.equipment, row.node_id, row[3]) for row in rows]

    def of_incidents(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[Alert]]:
        if not incident_ids:
            return {}
        found: dict[str, list[Alert]] = {}
        rows = self._connection.execute(_OF_INCIDENTS, {"incidents": list(incident_ids)})
        for alert in self._with_occurrences(rows):
            found.setdefault(alert.incident_id or "", []).append(alert)
        return found

    def of_equipment(self, estate: str, equipment: str, since: datetime, limit: int = 50) -> Sequence[Alert]:
        wanted = {"estate": estate, "equipment": equipment, "since": since, "most": limit}
        return self._with_occurrences(self._connection.execute(_OF_EQUIPMENT, wanted))

    def of_estate(self, estate: str, limit: int, before: str | None = None) -> Sequence[Alert]:
        query = select(t.alerts).where(_a.estate == estate, *(() if before is None else (_a.id < before,)))
        return self._with_occurrences(self._connection.execute(query.order_by(_a.id.desc()).limit(limit)))

    def records(self, estate: str, start: datetime, end: datetime) -> Sequence[AlarmRecord]:
        return alarm_records(self._connection, estate, start, end)

    def false_alarms(self, estate: str, since: datetime) -> Sequence[FalseAlarm]:
        return false_alarms(self._connection, estate, since)

    def last_ended(self, estate: str, hazard: str, origin: str) -> Mapping[str, datetime]:
        return last_ended(self._connection, estate, hazard, origin)

    def save(self, alert: Alert) -> None:
        upsert(self._connection, t.alerts, [_row(alert)])
        upsert(self._connection, t.occurrences, [_occurrence_row(alert.id, o) for o in alert.occurrences.values()])

    def _with_occurrences(self, rows: Iterable[Row[Any]]) -> list[Alert]:
        alerts = {row.id: _alert(row) for row in rows}
        if alerts:
            for row in self._connection.execute(_OCCURRENCES, {"alerts": list(alerts)}):
                alerts[row.alert_id].occurrences[row.id] = _occurrence(row)
        return list(alerts.values())


def fires_already(trouble: str) -> bool:
    """Whether the storage says that the same fingerprint fires already: PostgreSQL names the index, SQLite its column."""
    return "uq_alerts_firing" in trouble or "alerts.fingerprint" in trouble


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        fingerprint=Fingerprint(row.estate, row.hazard, row.equipment, row.mode),
        node_id=row.node_id,
        place_id=row.place_id,
        started_at=row.started_at,
        resolved_at=row.resolved_at,
        incident_id=row.incident_id,
        peak=Severity(row.peak),
        raises=row.raises,
        late=row.late,
        suppressed_by=row.suppressed_by,
        point=row.point,
        value=row.value,
        threshold=row.threshold,
    )


def _row(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.id,
        "estate": alert.fingerprint.estate,
        "fingerprint": str(alert.fingerprint),
        "hazard": alert.fingerprint.hazard,
        "equipment": alert.fingerprint.equipment,
        "mode": alert.fingerprint.mode,
        "node_id": alert.node_id,
        "place_id": alert.place_id,
        "incident_id": alert.incident_id,
        "state": alert.state.value,
        "started_at": alert.started_at,
        "resolved_at": alert.resolved_at,
        "peak": alert.peak.value,
        "raises": alert.raises,
        "late": alert.late,
        "suppressed_by": alert.suppressed_by,
        "point": alert.point,
        "value": alert.value,
        "threshold": alert.threshold,
    }


def _occurrence(row: Row[Any]) -> Occurrence:
    ended = Ended(row.ended) if row.ended else None
    return Occurrence(row.id, Severity(row.severity), row.raised_at, row.ended_at, ended, row.boot, row.node_id)


def _occurrence_row(alert_id: str, occurrence: Occurrence) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "id": occurrence.id,
        "severity": occurrence.severity.value,
        "raised_at": occurrence.raised_at,
        "ended_at": occurrence.ended_at,
        "ended": occurrence.ended.value if occurrence.ended else None,
        "boot": occurrence.boot,
        "node_id": occurrence.node_id,
    }
