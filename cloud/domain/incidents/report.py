"""What residents report: a small list of hazards, who said it by which way, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.place import is_within
from cloud.domain.duties.call_sheet import first_number
from cloud.domain.duties.register import PLACE_PREFIX, EquipmentKind, Register
from cloud.domain.incidents.alert import REPORTED
from cloud.domain.incidents.incident import FIRE_ALARMS, Incident
from cloud.errors import NotFound

ALONE_FOR: Final = timedelta(minutes=3)
"""How long the property alone is paged for an unconfirmed report of life safety, before all others join."""


class Concern(StrEnum):
    """What somebody at a lift or a door can tell without training."""

    TRAPPED = "trapped"
    SMOKE = "smoke"
    LIFT_FAULT = "lift-fault"
    EXIT_OBSTRUCTED = "exit-obstructed"
    DOOR_OPEN = "door-open"
    DOOR_FORCED = "door-forced"


HAZARDS: Final[Mapping[Concern, str]] = {
    Concern.TRAPPED: "lift.entrapment",
    Concern.SMOKE: "fire.smoke",
    Concern.LIFT_FAULT: "lift.out-of-service",
    Concern.EXIT_OBSTRUCTED: "fire.exit-obstructed",
    Concern.DOOR_OPEN: "access.held-open",
    Concern.DOOR_FORCED: "access.forced-open",
}
_AT: Final[Mapping[EquipmentKind, frozenset[Concern]]] = {
    EquipmentKind.LIFT: frozenset({Concern.TRAPPED, Concern.LIFT_FAULT, Concern.SMOKE, Concern.EXIT_OBSTRUCTED}),
}
_ELSEWHERE: Final = frozenset(Concern) - {Concern.TRAPPED, Concern.LIFT_FAULT}


MORE: Final = "-more-"
"""In the id of what a reporter said afterwards, between the report's and its number."""


class Way(StrEnum):
    """How it came: by the code on the spot, or by phone at the desk."""

    CODE = "code"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Report:
    """One report. Words and contact stand among the personal data, under the key `subject`. `device`: a print of where
    it came from, good for telling two reporters apart and nothing else. `member_id`: the resident who was signed in;
    `desk_id` who took the call.
    """

    id: str
    estate: str
    concern: Concern | None
    equipment_id: str
    place_id: str
    at: datetime
    token_hash: str
    way: Way = Way.CODE
    device: str = ""
    member_id: str | None = None
    desk_id: str | None = None
    incident_id: str | None = None

    @property
    def occurrence(self) -> str:
        return f"{REPORTED}{self.id}"

    @property
    def subject(self) -> str:
        return f"reporter:{self.id}"

    def same_voice(self, other: Report) -> bool:
        """Whether both may come from one person."""
        known = self.member_id is not None and self.member_id == other.member_id
        return known or (bool(self.device) and self.device == other.device)


PRIVATE: Final = "welfare."
"""Hazards that concern one person's home are nobody else's to see."""


def may_mean(report: Report, incident: Incident, register: Register) -> bool:
    """Whether who stands at that spot can mean it: that very thing, a place that it lies in or that lies there, and of a
    fire anything in its building. Never what is exercised, nor what concerns a home.
    """
    if incident.estate != report.estate or incident.mode != "real" or incident.hazard.startswith(PRIVATE):
        return False
    if report.equipment_id == incident.equipment_id:
        return True
    if incident.hazard in FIRE_ALARMS:
        return register.building_of(report.place_id) == register.building_of(incident.place_id)
    things = (report.equipment_id, incident.equipment_id)
    if not any(thing.startswith(PLACE_PREFIX) for thing in things):
        return False  # of two lifts side by side each is a matter of its own
    return is_within(report.place_id, incident.place_id) or is_within(incident.place_id, report.place_id)


def number_for(concern: Concern, register: Register, place_id: str, at: datetime) -> str | None:
    """Whom to call oneself, shown first; None where no life is at stake."""
    return first_number(register, HAZARDS[concern], place_id, at)


@dataclass(frozen=True, slots=True)
class Spot:
    """What a code stands for."""

    equipment_id: str
    place_id: str
    names: Names
    concerns: tuple[Concern, ...]


def spot_of(code: str, register: Register) -> Spot:
    """The equipment or place of a code; of a place the path below the estate. Raises NotFound."""
    item = register.equipment.get(code)
    if item is not None:
        fitting = _AT.get(item.kind, _ELSEWHERE)
        return Spot(item.id, item.place_id, item.names, tuple(one for one in Concern if one in fitting))
    equipment = f"{PLACE_PREFIX}{code}"
    if not register.knows(equipment):
        raise NotFound(f"No equipment or place has the code {code!r} here.", "没有这个编码")
    place = register.whereabouts(equipment, "")
    return Spot(equipment, place, register.names_of(equipment), tuple(one for one in Concern if one in _ELSEWHERE))
