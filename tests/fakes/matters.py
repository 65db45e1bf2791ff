"""Alerts, incidents and tasks in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING

from cloud.application.records import Raises, Tally
from cloud.application.sought import EVERYTHING, Sought
from cloud.domain.community.place import is_within
from cloud.domain.duties.duty import Need
from cloud.domain.incidents.alarm_quality import AlarmRecord, Judged
from cloud.domain.incidents.alert import Alert, Fingerprint, is_report
from cloud.domain.incidents.false_alarms import FalseAlarm
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.ending import ending
from cloud.domain.tasks.sight import Concern, Outlook, concern_of
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.errors import Stale

if TYPE_CHECKING:
    from tests.fakes.units import Memory


class FakeAlerts:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def _copies(self, alerts: Sequence[Alert]) -> list[Alert]:
        return [deepcopy(alert) for alert in sorted(alerts, key=lambda alert: alert.id)]

    def concerning(self, fingerprint: Fingerprint, occurrence_id: str) -> Sequence[Alert]:
        same = [alert for alert in self._memory.alerts.values() if alert.fingerprint == fingerprint]
        return self._copies([alert for alert in same if alert.firing or occurrence_id in alert.occurrences])

    def firing(
        self, estate: str, *, hazards: Collection[str] | None = None, node_id: str | None = None
    ) -> Sequence[Alert]:
        return self._copies(
            [
                alert
                for alert in self._memory.alerts.values()
                if alert.firing
                and alert.fingerprint.estate == estate
                and (hazards is None or alert.fingerprint.hazard in hazards)
                and (node_id is None or alert.fires_for(node_id))
            ]
        )

    def raised_often(self, estate: str, since: datetime, more_than: int) -> Sequence[Raises]:
        raised = Counter[Fingerprint]()
        nodes: dict[Fingerprint, str] = {}
        for alert in self._memory.alerts.values():
            known = alert.fingerprint
            if (known.estate, known.mode) == (estate, "real"):
                raised[known] += sum(1 for o in alert.occurrences.values() if o.raised_at and o.raised_at >= since)
                nodes[known] = max(alert.node_id, nodes.get(known, ""))
        found = [Raises(k.hazard, k.equipment, nodes[k], count) for k, count in raised.items() if count > more_than]
        return sorted(found, key=lambda one: (one.equipment, one.hazard))

    def of_incidents(self, incident_ids: Collection[str]) -> Mapping[str, Sequence[Alert]]:
        found: dict[str, list[Alert]] = {}
        for alert in self._copies([a for a in self._memory.alerts.values() if a.incident_id in incident_ids]):
            found.setdefault(alert.incident_id or "", []).append(alert)
        return found

    def of_equipment(self, estate: str, equipment: str, since: datetime, limit: int = 50) -> Sequence[Alert]:
        wanted = [
            alert
            for alert in self._copies(list(self._memory.alerts.values()))
            if (alert.fingerprint.estate, alert.fingerprint.equipment) == (estate, equipment)
            and (alert.firing or (alert.resolved_at is not None and alert.resolved_at >= since))
        ]
        begun = [alert for alert in wanted if alert.started_at]
        return sorted(begun, key=lambda one: one.started_at, reverse=True)[:limit]

    def of_estate(self, estate: str, limit: int, before: str | None = None) -> Sequence[Alert]:
        known = [one for one in self._memory.alerts.values() if one.fingerprint.estate == estate]
        return self._copies([one for one in known if before is None or one.id < before])[::-1][:limit]

    def false_alarms(self, estate: str, since: datetime) -> Sequence[FalseAlarm]:
        closed = {
            task.incident_id: task
            for task in self._memory.tasks.values()
            if task.estate == estate and task.state is TaskState.CLOSED and task.closed_at and task.closed_at >= since
        }
        found = []
        for alert in self._copies(list(self._memory.alerts.values())):
            known, task = alert.fingerprint, closed.get(alert.incident_id or "")
            fire = known.hazard.startswith("fire.") and not known.hazard.startswith("fire.detector-")
            if task is not None and fire and known.mode == "real" and alert.started_at and _false_by_two(task):
                found.append(FalseAlarm(task.incident_id, known.equipment, alert.node_id, alert.started_at))
        return sorted(found, key=lambda one: one.raised_at)

    def last_ended(self, estate: str, hazard: str, origin: str) -> Mapping[str, datetime]:
        found: dict[str, datetime] = {}
        for alert in self._memory.alerts.values():
            known = alert.fingerprint
            if alert.firing or (known.estate, known.hazard) != (estate, hazard):
                continue
            for one in alert.occurrences.values():
                if one.id.startswith(f"{origin}:") and one.ended_at is not None:
                    found[known.equipment] = max(one.ended_at, found.get(known.equipment, one.ended_at))
        return found

    def records(self, estate: str, start: datetime, end: datetime) -> Sequence[AlarmRecord]:
        tasks = {task.incident_id: task for task in self._memory.tasks.values()}
        found = []
        for alert in self._memory.alerts.values():
            known = alert.fingerprint
            if (known.estate, known.mode) != (estate, "real"):
                continue
            for one in alert.occurrences.values():
                if is_report(one.id) or one.raised_at is None or one.raised_at >= end:
                    continue
                if one.raised_at >= start or one.ended_at is None or one.ended_at > start:
                    said = _judged(tasks, alert.incident_id)
                    place, raised = alert.place_id, one.raised_at
                    about = (known.hazard, known.equipment, place, raised, one.ended_at, alert.incident_id)
                    found.append((raised, one.id, AlarmRecord(*about, *said)))
        return [record for _, _, record in sorted(found, key=lambda one: one[:2])]

    def save(self, alert: Alert) -> None:
        for other in self._memory.alerts.values():
            if other.id != alert.id and other.fingerprint == alert.fingerprint and other.firing and alert.firing:
                raise Stale(f"two alerts fire under {alert.fingerprint}")
        self._memory.alerts[alert.id] = deepcopy(alert)


def _judged(tasks: Mapping[str, Task], incident_id: str | None) -> tuple[bool, Judged]:
    task = tasks.get(incident_id or "")
    while task is not None and task.merged_into is not None:
        task = tasks.get(task.merged_into)
    if task is None:
        return False, Judged.NOT_YET
    answered = task.acknowledged_at is not None or task.started_at is not None
    if task.state is not TaskState.CLOSED or task.resolution is None or task.resolution.member_id is None:
        return answered, Judged.NOT_YET
    false = task.resolution.reason is ResolutionReason.FALSE_ALARM
    return answered, Judged.FALSE if false else Judged.TRUE


def _false_by_two(task: Task) -> bool:
    said = task.resolution
    if said is None or said.reason is not ResolutionReason.FALSE_ALARM or said.member_id is None:
        return False
    return any(one.need is Need.INDEPENDENT and one.member_id != said.member_id for one in task.checks)


class FakeIncidents:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, incident_id: str) -> Incident | None:
        return deepcopy(self._memory.incidents.get(incident_id))

    def latest(self, estate: str, matter: str) -> Incident | None:
        found = [i for i in self._memory.incidents.values() if (i.estate, i.matter) == (estate, matter)]
        return deepcopy(max(found, key=lambda incident: incident.id, default=None))

    def among(self, incident_ids: Collection[str]) -> Mapping[str, Incident]:
        return {i: deepcopy(self._memory.incidents[i]) for i in incident_ids if i in self._memory.incidents}

    def hidden_by(self, incident_id: str) -> Sequence[Incident]:
        return [deepcopy(i) for i in self._memory.incidents.values() if i.hidden_by == incident_id]

    def hidden(self, estate: str) -> Sequence[Incident]:
        known = (i for i in self._memory.incidents.values() if i.estate == estate and i.closed_at is None)
        return [deepcopy(i) for i in known if i.hidden_by is not None]

    def save(self, incident: Incident) -> None:
        self._memory.incidents[incident.id] = deepcopy(incident)


class FakeTasks:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, task_id: str) -> Task | None:
        return deepcopy(self._memory.tasks.get(task_id))

    def estate_of(self, task_id: str) -> str | None:
        task = self._memory.tasks.get(task_id)
        return task.estate if task else None

    def of_incident(self, incident_id: str) -> Task | None:
        return deepcopy(next((t for t in self._memory.tasks.values() if t.incident_id == incident_id), None))

    def concerns(self, incident_ids: Collection[str]) -> Mapping[str, Concern]:
        tasks = {t.incident_id: t for t in self._memory.tasks.values()}
        found = {}
        for id_ in incident_ids:
            incident, task = self._memory.incidents.get(id_), tasks.get(id_)
            if incident is not None:
                alone = Concern(incident.hazard, incident.place_id)
                found[id_] = concern_of(task, incident.place_id) if task else alone
        return found

    def _seen(self, task: Task, seen_by: Outlook | None) -> bool:
        return seen_by is None or seen_by.sees(self.concerns([task.incident_id]).get(task.incident_id))

    def open(self, estate: str, seen_by: Outlook | None = None) -> Sequence[Task]:
        found = [t for _, t in sorted(self._memory.tasks.items()) if t.estate == estate and t.open]
        return [deepcopy(t) for t in found if self._seen(t, seen_by)]

    def open_over(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        found = [task for estate, outlook in seen_by.items() for task in self.open(estate, outlook)]
        return sorted(found, key=lambda task: task.id)

    def unanswered(self, seen_by: Mapping[str, Outlook]) -> Sequence[Task]:
        return [t for t in self.open_over(seen_by) if t.life_safety and t.state is TaskState.NEW]

    def tallies(self, seen_by: Mapping[str, Outlook], parties: Collection[str]) -> Mapping[str, Tally]:
        found = {}
        for estate, outlook in seen_by.items():
            life = sum(task.life_safety and task.mode == "real" for task in self.open(estate, outlook))
            concerns = self.concerns([task.incident_id for task in self.open(estate)]).values()
            own = sum(not one.parts.isdisjoint(parties) for one in concerns)
            if life or own:
                found[estate] = Tally(life, own)
        return found

    def closed(
        self,
        estate: str,
        *,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
        seen_by: Outlook | None = None,
        sought: Sought = EVERYTHING,
    ) -> Sequence[Task]:
        over = [t for _, t in sorted(self._memory.tasks.items()) if t.estate == estate and t.closed_at and not t.open]
        over = [t for t in over if self._seen(t, seen_by) and self._found(t, sought)]
        if before is not None:
            at, last = before
            over = [t for t in over if t.closed_at and (t.closed_at < at or (t.closed_at == at and t.id > last))]
        return deepcopy(sorted(over, key=lambda t: t.closed_at, reverse=True)[:limit])

    def _found(self, task: Task, sought: Sought) -> bool:
        incident, closed = self._memory.incidents[task.incident_id], task.closed_at
        return (
            (sought.place is None or is_within(incident.place_id, sought.place))
            and (sought.hazard is None or f"{incident.hazard}.".startswith(f"{sought.hazard}."))
            and (sought.party is None or sought.party in concern_of(task, incident.place_id).parts)
            and (sought.ending is None or sought.ending is ending(task))
            and (sought.since is None or (closed is not None and closed >= sought.since))
            and (sought.until is None or (closed is not None and closed < sought.until))
        )

    def due(self, now: datetime, limit: int = 1) -> Sequence[Task]:
        due = [t for t in self._memory.tasks.values() if next_due(t) is not None and next_due(t) <= now]
        return deepcopy(sorted(due, key=next_due)[:limit])

    def next_due_at(self) -> datetime | None:
        return min((next_due(t) for t in self._memory.tasks.values() if next_due(t) is not None), default=None)

    def save(self, task: Task) -> None:
        known = self._memory.tasks.get(task.id)
        if (known.revision if known else 0) != task.revision:
            raise Stale(f"Task {task.id} was changed by somebody else meanwhile: reload it.")
        task.revision += 1
        self._memory.tasks[task.id] = deepcopy(task)
