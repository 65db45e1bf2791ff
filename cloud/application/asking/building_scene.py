"""What one unit of work knows of an estate's equipment: what fires, who speaks for it, what is worked on, what is open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cloud.application.asking.building_views import MatterHere
from cloud.application.asking.depict import Depiction
from cloud.application.asking.public_matters import PUBLIC, invites
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitOfWork
from cloud.application.sight import Sight
from cloud.domain.community.party import Role
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.duties.register import Equipment, Register
from cloud.domain.fleet.node import Node
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.maintenance import Window
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard

UNHEARD_AFTER: Final = timedelta(minutes=3)
SILENCES: Final = 3
"""A point says at least once in its longest silence (60 s unless its node is told otherwise) that it lives. After that many
of them, and three minutes at least, it is not heard.
"""


@dataclass(frozen=True)
class Scene:
    """All of one estate, as the viewer may know it. `equipment`: with which they have to do; `alerts` by equipment, `matters` by building, `nodes` by id; `windows`
    and `exercises` are those that run now; `silences`: by equipment, how old its newest reading may be.
    """

    depict: Depiction
    viewer: Identity
    equipment: frozenset[str]
    alerts: Mapping[str, Sequence[Alert]]
    nodes: Mapping[str, Node]
    windows: Sequence[Window]
    exercises: Sequence[Exercise]
    silences: Mapping[str, timedelta]
    matters: Mapping[str, Sequence[MatterHere]]
    seq: int

    @property
    def public(self) -> bool:
        return sees_public_only(self.viewer)

    @property
    def register(self) -> Register:
        return self.depict.register

    def worked_on(self, item: Equipment) -> bool:
        return any(
            item.id in window.equipment or (window.place_id is not None and is_within(item.place_id, window.place_id))
            for window in self.windows
        )

    def exercised(self, item: Equipment) -> bool:
        return any(one.takes_in(item.id, self.depict.now) for one in self.exercises)


def home_of(register: Register, place_id: str) -> str:
    """The building a place lies in; what lies in none belongs to the estate's own grounds."""
    building = register.places.nearest(place_id, PlaceKind.BUILDING)
    return building.id if building else register.estate.place_id


def sees_public_only(viewer: Identity) -> bool:
    return viewer.member.role is Role.RESIDENT


def scene_of(uow: UnitOfWork, depict: Depiction, viewer: Identity) -> Scene:
    register, now, public = depict.register, depict.now, sees_public_only(viewer)
    sight = Sight(uow, register, viewer)
    alerts: dict[str, list[Alert]] = {}
    for alert in sight.alerts(uow.alerts.firing(register.estate.id)):
        if not public or _told_to_all(alert):
            alerts.setdefault(alert.fingerprint.equipment, []).append(alert)
    return Scene(
        depict=depict,
        viewer=viewer,
        equipment=frozenset(item.id for item in register.equipment.values() if sight.equipment(item)),
        alerts=alerts,
        nodes={node.id: node for node in uow.nodes.of(register.estate.id)},
        windows=uow.windows.running(register.estate.id, now),
        exercises=uow.exercises.running(register.estate.id, now),
        silences=_silences(uow, register),
        matters=_matters(uow, depict, sight, public=public),
        seq=uow.ledger.head(register.estate.id).seq,
    )


def _silences(uow: UnitOfWork, register: Register) -> Mapping[str, timedelta]:
    """By equipment, how old its newest reading may be, where its node is told otherwise than by default. Of a document as
    it lies: to read it whole, with all its rules, would take longer than to draw the building.
    """
    found: dict[str, timedelta] = {}
    for node_id in {item.node_id for item in register.equipment.values() if item.node_id}:
        known = uow.configurations.latest(register.estate.id, node_id)
        for item in json.loads(known.body).get("equipment", ()) if known else ():
            longest = item.get("sampling", {}).get("max_silence_s", 60.0)
            found[item["id"]] = max(UNHEARD_AFTER, SILENCES * timedelta(seconds=longest))
    return found


def _matters(uow: UnitOfWork, depict: Depiction, sight: Sight, *, public: bool) -> Mapping[str, Sequence[MatterHere]]:
    """By building, what is open there, the most urgent first."""
    register = depict.register
    tasks = sight.open()
    incidents = uow.incidents.among([task.incident_id for task in tasks])
    found: dict[str, list[MatterHere]] = {}
    for task in tasks:
        incident = incidents[task.incident_id]
        if incident.hidden_by is not None or (public and not _public(task, incident)):
            continue
        found.setdefault(home_of(register, incident.place_id), []).append(_matter(depict, task, incident))
    for matters in found.values():
        matters.sort(key=lambda one: (one.mode != "real", not one.life_safety, -one.severity.rank, one.opened_at))
    return found


def _matter(depict: Depiction, task: Task, incident: Incident) -> MatterHere:
    return MatterHere(
        incident_id=incident.id,
        hazard_names=depict.hazard_names(incident),
        address=depict.address(incident.equipment_id, incident.place_id),
        equipment_id=incident.equipment_id,
        severity=incident.severity,
        life_safety=task.life_safety,
        mode=incident.mode,
        state=task.state,
        opened_at=incident.opened_at,
    )


def _public(task: Task, incident: Incident) -> bool:
    return hazard(incident.hazard).family in PUBLIC and not invites(task)


def _told_to_all(alert: Alert) -> bool:
    """What a resident may read off the state of a piece of equipment. A point that is not read any more is the machinery's."""
    known = hazard(alert.fingerprint.hazard)
    return known.family in PUBLIC and (known.family != "access" or known.life_safety)
