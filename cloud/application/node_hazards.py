"""Hazards of the system itself, which the cloud notices rather than a node reports."""

from __future__ import annotations

from datetime import datetime

from cloud.application.sightings import Clearing, Sighting
from cloud.domain.alert import Fingerprint
from cloud.domain.register import node_equipment
from schemas.hazards import hazard


def noticed(estate: str, node_id: str, hazard_id: str, *, occurrence: str, at: datetime, cause: str) -> Sighting:
    """The sighting of a hazard of the node itself."""
    return Sighting(
        fingerprint=Fingerprint(estate, hazard_id, node_equipment(node_id)),
        node_id=node_id,
        occurrence=occurrence,
        severity=hazard(hazard_id).severity,
        at=at,
        cause=cause,
    )


def gone(sighting: Sighting, at: datetime, cause: str) -> Clearing:
    """The end of what was noticed. A fact without duration ends as it begins: the alert says that it happened."""
    return Clearing(sighting.fingerprint, sighting.node_id, sighting.occurrence, at, cause)
