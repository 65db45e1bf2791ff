"""Sirens and beacons of the nodes that raised an incident are told to keep quiet, or to sound again. They answer with a
receipt, which stands on the incident's timeline; that none came stands there too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.fleet.order import MUTE, UNMUTE, Order
from cloud.domain.incidents.alert import Alert, is_report
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks.floor import unmute
from cloud.domain.tasks.task import Task
from schemas.commands import Action
from schemas.hazards import hazard
from schemas.node_config import NodeConfig

EXPIRES: Final = timedelta(seconds=60)
"""A node that does not hear it by then goes on sounding, and the timeline says so."""


def silence(
    uow: UnitOfWork, incident: Incident, *, by: str, until: datetime, cause: str | None, now: datetime
) -> list[Draft]:
    """Each node at which an alarm of this incident stands is asked; what to write. An exercise sounds nowhere."""
    if incident.mode != "real":
        return []
    standing = _standing(uow, incident.id)
    equipment = " ".join(sorted({equipment for equipment, _ in standing}))
    arguments: dict[str, str | float | bool] = {
        "equipment": equipment, "seconds": max((until - now).total_seconds(), 1.0),
    }  # fmt: skip
    nodes = [node for node in sorted({node for _, node in standing}) if _may_sound(uow, incident.estate, node)]
    return [
        draft for node in nodes for draft in ask_node(uow, incident, node, MUTE, arguments, by=by, cause=cause, now=now)
    ]


def sound_again(
    uow: UnitOfWork, register: Register, alert: Alert, task: Task, *, cause: str, now: datetime
) -> list[Draft]:
    """Whoever muted a sounder has not seen what is raised now: in this incident (where it is not what the fire makes of
    doors) and, where life is at stake, in every other of the building. Saving `task` is the caller's.
    """
    grave = hazard(alert.fingerprint.hazard).life_safety
    ended = [task] if task.muted is not None and alert.suppressed_by is None else []
    if grave and alert.fingerprint.mode == "real":
        ended += _muted_beside(uow, register, alert, task)
    drafts: list[Draft] = []
    for one in ended:
        incident = uow.incidents.get(one.incident_id)
        assert incident is not None, f"task {one.id} has lost its incident"
        since = one.muted.at if one.muted else now
        unmute(one)
        if one is not task:
            uow.tasks.save(one)
        facts = {"ground": "new_alert", "hazard": alert.fingerprint.hazard, "equipment": alert.fingerprint.equipment}
        drafts.append(Draft(Kind.SOUNDER_BACK, now, "system", incident.id, one.id, cause, facts))
        # The node that raised it has ended its mute by itself already.
        told = _muted_nodes(uow, incident, since) - ({alert.node_id} if grave else set())
        for node in sorted(told):
            drafts += ask_node(uow, incident, node, UNMUTE, {}, by="system", cause=cause, now=now)
    return drafts


def _standing(uow: UnitOfWork, incident_id: str) -> set[tuple[str, str]]:
    """(equipment, node) of what sensors say now."""
    return {
        (alert.fingerprint.equipment, occurrence.node_id or alert.node_id)
        for alert in uow.alerts.of_incidents([incident_id]).get(incident_id, ())
        for occurrence in alert.occurrences.values()
        if occurrence.active and not is_report(occurrence.id)
    }


def _may_sound(uow: UnitOfWork, estate: str, node_id: str) -> bool:
    """False where it is known that the node has nothing that sounds. Such a node is not asked for a receipt."""
    latest = uow.configurations.latest(estate, node_id)
    if latest is None:
        return True
    outputs = NodeConfig.model_validate_json(latest.body).outputs
    return any(output.purpose != "gate_release" for output in outputs)


def _muted_beside(uow: UnitOfWork, register: Register, alert: Alert, task: Task) -> list[Task]:
    building = register.building_of(alert.place_id)
    muted = [one for one in uow.tasks.open(task.estate) if one.muted is not None and one.id != task.id]
    incidents = uow.incidents.among([one.incident_id for one in muted])
    return [one for one in muted if register.building_of(incidents[one.incident_id].place_id) == building]


def _muted_nodes(uow: UnitOfWork, incident: Incident, since: datetime) -> set[str]:
    nodes = {node for _, node in _standing(uow, incident.id)} | {incident.node_id}
    return {node for node in nodes if _was_asked(uow.orders.of(incident.estate, node, limit=20), incident, since)}


def _was_asked(orders: Iterable[Order], incident: Incident, since: datetime) -> bool:
    return any(one.action == MUTE and one.incident_id == incident.id and one.at >= since for one in orders)


def ask_node(
    uow: UnitOfWork, incident: Incident, node_id: str, action: Action, arguments: dict[str, str | float | bool],
    *, by: str, cause: str | None, now: datetime,
) -> list[Draft]:  # fmt: skip
    """An order for the boot that runs there now, with the incident on whose account it is asked; what to write."""
    node = uow.nodes.get(incident.estate, node_id)
    facts = {"node": node_id, "action": action}
    if node is None or node.boot is None:
        return [Draft(Kind.COMMAND_UNANSWERED, now, "system", incident.id, node_id, cause, facts)]
    order = Order(
        str(uuid.uuid4()), incident.estate, node_id, node.boot, action, by, now, now + EXPIRES,
        {**arguments, "incident": incident.id},
    )  # fmt: skip
    uow.orders.save(order)
    return [Draft(Kind.COMMAND_ASKED, now, by, incident.id, node_id, cause, {**facts, "command": order.id})]
