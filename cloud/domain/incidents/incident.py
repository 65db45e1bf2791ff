"""All alerts about one matter: what belongs together, which hazard governs, and when it opens again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert, Fingerprint, Mode
from schemas.hazards import Severity, hazard

FIRE_ALARMS: Final = frozenset({"fire.smoke", "fire.smoke-prealarm", "fire.manual-call-point", "fire.presumed"})
"""Signs of one fire: in one building a second of them corroborates the first and opens nothing of its own."""

OWN_MATTER: Final = frozenset(
    {
        "fire.co",
        "fire.exit-obstructed",
        "lift.maintenance-overdue",
        "lift.inspection-due",
        "welfare.no-activity",
        "welfare.unwatched",
    }
)
"""Hazards that concern the same equipment as others of their family and are still another matter."""


def matter(fingerprint: Fingerprint, place_id: str, register: Register) -> str:
    """The grouping key: two alerts with the same one belong to one incident.

    By default family and equipment (entrapment, overspeed and a door fault of *one* lift are one matter; the lift
    beside it is another; forced open and held open of one door are one). Fire alarms go by building. Node hazards,
    detector faults and what `OWN_MATTER` lists stand alone. Exercises never mix with what is real.
    """
    name = fingerprint.hazard
    family = hazard(name).family
    if name in FIRE_ALARMS:
        return f"{fingerprint.mode}|fire|{register.building_of(place_id)}"
    if name.startswith("fire.detector-"):
        return f"{fingerprint.mode}|fire.detector|{fingerprint.equipment}"
    if family == "node" or name in OWN_MATTER:
        return f"{fingerprint.mode}|{name}|{fingerprint.equipment}"
    return f"{fingerprint.mode}|{family}|{fingerprint.equipment}"


class Change(Enum):
    """What an alert that joins changes in what governs the incident."""

    NOTHING = "nothing"
    SEVERITY = "severity"
    HAZARD = "hazard"


@dataclass
class Incident:
    """One matter, open until its task is closed. `hazard`, `place_id` and `equipment_id` are those of the alert that
    governs: the worst so far, life safety before everything else. `hidden_by` is the incident that causes this one.
    """

    id: str
    estate: str
    matter: str
    mode: Mode
    hazard: str
    severity: Severity
    place_id: str
    equipment_id: str
    node_id: str
    opened_at: datetime
    late: bool = False
    closed_at: datetime | None = None
    hidden_by: str | None = None

    @classmethod
    def about(cls, alert: Alert, incident_id: str, matter_key: str, now: datetime) -> Incident:
        return cls(
            id=incident_id,
            estate=alert.fingerprint.estate,
            matter=matter_key,
            mode=alert.fingerprint.mode,
            hazard=alert.fingerprint.hazard,
            severity=alert.peak,
            place_id=alert.place_id,
            equipment_id=alert.fingerprint.equipment,
            node_id=alert.node_id,
            opened_at=alert.started_at or now,
            late=alert.late,
        )

    @property
    def life_safety(self) -> bool:
        return hazard(self.hazard).life_safety

    def outranked_by(self, alert: Alert) -> bool:
        """Whether an alert is worse than what governs: life safety first, then severity; of two alike the first stays."""
        theirs = (hazard(alert.fingerprint.hazard).life_safety, alert.peak)
        return theirs > (self.life_safety, self.severity)

    def take(self, alert: Alert) -> Change:
        """Let an alert join. HAZARD when it now governs with *another* hazard, so that the duty must be asked again;
        SEVERITY when the same hazard has become graver. It is late news as long as what governs it is.
        """
        if not self.outranked_by(alert):
            self.late = self.late and alert.late
            return Change.NOTHING
        if alert.suppressed_by is None:
            self.hidden_by = None  # What governs now is no symptom: a cause that hid the lesser one does not hide this.
        changed = alert.fingerprint.hazard != self.hazard
        if alert.late:
            self.opened_at = min(self.opened_at, alert.started_at or self.opened_at)
        self.late = alert.late
        self.hazard, self.severity = alert.fingerprint.hazard, alert.peak
        self.place_id, self.equipment_id, self.node_id = alert.place_id, alert.fingerprint.equipment, alert.node_id
        return Change.HAZARD if changed else Change.SEVERITY

    def widen(self, place_id: str | None) -> bool:
        """Let it stand for a larger place. True when that is news; None and where it stands already change nothing."""
        if place_id is None or place_id == self.place_id:
            return False
        self.place_id = place_id
        return True

    def joinable(self, alert: Alert, now: datetime, register: Register, *, undone: bool) -> bool:
        """Whether what fires now belongs to it still: while work is asked for, and until the reopen window has passed
        since its closing. Life safety that was seen to (not `undone`) is not called out again by anything less: a door
        fault after a rescue is a matter of its own.
        """
        if self.life_safety and not undone and not hazard(alert.fingerprint.hazard).life_safety:
            return False
        return self.closed_at is None or now - self.closed_at <= register.estate.reopen_window
