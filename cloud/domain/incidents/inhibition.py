"""Causes hide their symptoms: what a firing alert silences, and what it may never silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from schemas.hazards import hazard

FIRE_CAUSES: Final = frozenset({"fire.smoke", "fire.manual-call-point", "fire.presumed"})
"""While one of these fires in a building its doors are expected open (equipment.md, Access gate)."""

DOOR_SYMPTOMS: Final = frozenset({"access.held-open", "access.forced-open"})

DEAD_NODE: Final = "node.silent"
"""A silent node hides the stale points behind it: one incident for all its equipment."""

NODE_SYMPTOMS: Final = frozenset({"point.stale", "point.stuck"})

FIRE_HIDES_FOR: Final = timedelta(hours=2)
"""How long a fire alarm explains open doors: longer than it takes people to leave a building. A detector that is stuck fires
for days, and its doors are doors meanwhile."""

CAUSES: Final = FIRE_CAUSES | {DEAD_NODE}
SYMPTOMS: Final = DOOR_SYMPTOMS | NODE_SYMPTOMS


def hides(cause: Alert, symptom: Alert, register: Register) -> bool:
    """Whether `cause` silences `symptom`. Nothing automatic ever silences life safety, and an exercise silences nothing."""
    what, by = symptom.fingerprint.hazard, cause.fingerprint.hazard
    if hazard(what).life_safety or cause.fingerprint.mode == "exercise" or not cause.firing:
        return False
    if by in FIRE_CAUSES and what in DOOR_SYMPTOMS:
        return register.building_of(cause.place_id) == register.building_of(symptom.place_id)
    return by == DEAD_NODE and what in NODE_SYMPTOMS and cause.node_id == symptom.node_id


def worn_out(cause: Alert, now: datetime) -> bool:
    """Whether it has gone on for too long to be the reason of anything else."""
    fire = cause.fingerprint.hazard in FIRE_CAUSES
    return fire and cause.started_at is not None and now - cause.started_at >= FIRE_HIDES_FOR


def hidden_by(symptom: Alert, causes: Iterable[Alert], register: Register) -> str | None:
    """The id of the first alert that silences this one, or None."""
    return next((cause.id for cause in causes if cause.id != symptom.id and hides(cause, symptom, register)), None)


def hidden_under(incident: Incident, alerts: Sequence[Alert], causes: Mapping[str, Alert]) -> str | None:
    """The incident under which this one is hidden, None where it is seen. The one place of the rule.

    It is hidden while everything that fires in it is the symptom of a cause that fires in another incident; once all of
    it has gone quiet, for as long as that cause lasts. One alarm that nothing explains, and all of it is seen: so what
    holds a cause is never hidden itself, and nothing is hidden in a circle. `alerts`: all of its own. `causes`: those
    that are believed, by id; each has a task that is not over.
    """
    if incident.hazard not in SYMPTOMS:
        return None
    firing = [alert for alert in alerts if alert.firing]
    if any(alert.suppressed_by not in causes for alert in firing) or not (firing or incident.hidden_by):
        return None
    found = (causes.get(alert.suppressed_by or "") for alert in firing or alerts)
    under = {cause.incident_id for cause in found if cause is not None and cause.incident_id is not None}
    under.discard(incident.id)
    return incident.hidden_by if incident.hidden_by in under else min(under, default=None)


def disturbs(alert: Alert, governing: str) -> bool:
    """Whether an alert keeps an incident of that hazard from being quiet. What a cause hides under its own incident does
    not, nor does what its node has lost track of.
    """
    return alert.known_to_fire and alert.sensed and (alert.suppressed_by is None or governing in SYMPTOMS)
