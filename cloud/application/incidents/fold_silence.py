"""Where a node that has fallen silent belongs: to the incident of a wider silence, or to one of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.inhibition import DEAD_NODE
from cloud.domain.incidents.silence import FOLD_WINDOW, missing, shared_place, silent_place


@dataclass(frozen=True, slots=True)
class Silence:
    """`place`: where the incident is to stand. `incident`: the open one about the same silence, None where there is none."""

    place: str
    incident: Incident | None


def fold(uow: UnitOfWork, register: Register, alert: Alert, now: datetime) -> Silence | None:
    """None for whatever is no node's silence."""
    if alert.fingerprint.hazard != DEAD_NODE:
        return None
    nodes = uow.nodes.of(register.estate.id)
    gone = missing(nodes, now) | {alert.node_id}
    spoken = frozenset(node.id for node in nodes if node.heard_at is not None) | {alert.node_id}
    place = silent_place(register, alert.node_id, gone, spoken)
    known = _same_silence(uow, register, alert, place, now)
    return Silence(place if known is None else shared_place(place, known.place_id) or place, known)


def _same_silence(uow: UnitOfWork, register: Register, alert: Alert, place: str, now: datetime) -> Incident | None:
    """The open incident of another node that fell silent a moment ago at a place this silence covers."""
    others = [
        other.incident_id
        for other in uow.alerts.firing(register.estate.id, hazards={DEAD_NODE})
        if other.id != alert.id
        and other.incident_id is not None
        and other.started_at is not None
        and now - other.started_at <= FOLD_WINDOW
    ]
    found = uow.incidents.among(others)
    fitting = [
        incident
        for incident in found.values()
        if incident.closed_at is None and (is_within(incident.place_id, place) or is_within(place, incident.place_id))
    ]
    return min(fitting, key=lambda incident: incident.id, default=None)
