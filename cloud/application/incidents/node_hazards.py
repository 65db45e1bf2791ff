"""Hazards of the system itself and of what it watches with, which the cloud notices rather than a node reports."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.sightings import Clearing, Sighting
from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import node_equipment
from cloud.domain.incidents.alert import Fingerprint
from schemas.hazards import Severity, hazard


def noticed_here(occurrence: str) -> bool:
    """Whether the cloud gave it: its occurrences name their origin before a colon, a node's are UUIDs."""
    return ":" in occurrence


def noticed(
    estate: str, node_id: str, hazard_id: str, *, occurrence: str, at: datetime, cause: str, about: str | None = None,
    severity: Severity | None = None,
) -> Sighting:  # fmt: skip
    """The sighting of a hazard of the node itself, or of the equipment behind it that is named with `about`. `severity` None:
    the hazard's own.
    """
    return Sighting(
        fingerprint=Fingerprint(estate, hazard_id, about or node_equipment(node_id)),
        node_id=node_id,
        occurrence=occurrence,
        severity=severity or hazard(hazard_id).severity,
        at=at,
        cause=cause,
    )


def gone(sighting: Sighting, at: datetime, cause: str) -> Clearing:
    """The end of what was noticed. A fact without duration ends as it begins: the alert says that it happened."""
    return Clearing(sighting.fingerprint, sighting.node_id, sighting.occurrence, at, cause)


def lasting(uow: UnitOfWork, estate: str, hazard_id: str, node_id: str) -> list[str]:
    """The occurrences of a hazard of the node itself that go on."""
    own = node_equipment(node_id)
    alerts = [one for one in uow.alerts.firing(estate, hazards=[hazard_id]) if one.fingerprint.equipment == own]
    return [occurrence.id for alert in alerts for occurrence in alert.occurrences.values() if occurrence.active]
