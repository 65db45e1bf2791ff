"""Maintenance windows: what is being worked on raises alarms that are held back, life safety never among them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import is_within
from cloud.domain.duties.duty import pattern_matches
from cloud.domain.duties.register import NODE_PREFIX, EquipmentKind, Register
from cloud.errors import Conflict, Invalid, NotAllowed

LONGEST: Final = timedelta(days=7)
REASONS: Final = frozenset({"routine", "repair", "inspection", "trial", "works"})
"""Codes, because the ledger tells them and takes no words of people."""

HELD_BY: Final = "maintenance:"
"""What `suppressed_by` of an alert begins with that a window holds back."""

_OF: Final = {
    PartyKind.LIFT_MAINTAINER: EquipmentKind.LIFT,
    PartyKind.FIRE_MAINTAINER: EquipmentKind.SMOKE_DETECTOR,
}


@dataclass(frozen=True, slots=True)
class Window:
    """One window over equipment, or over a place and all in it (`place_id`). `hazards`: patterns as duties have them;
    `held`: how many alarms it has held back. `ended_by`: the member who ended it, None where its time did; `accepted_by`: who
    runs the estate and found the work done, which makes it a visit.
    """

    id: str
    estate: str
    party_id: str
    member_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    equipment: tuple[str, ...] = ()
    place_id: str | None = None
    hazards: tuple[str, ...] = ("*",)
    held: int = 0
    ended_at: datetime | None = None
    ended_by: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None

    def __post_init__(self) -> None:
        faults = []
        if self.reason not in REASONS:
            faults.append(f"reason: choose one of {', '.join(sorted(REASONS))}")
        if bool(self.equipment) == (self.place_id is not None):
            faults.append("equipment, place: name the equipment, or one place")
        if not self.hazards:
            faults.append("hazards: name at least one; '*' means all")
        if not timedelta() < self.ends_at - self.starts_at <= LONGEST:
            faults.append(f"until: it ends after it begins and within {LONGEST.days} days")
        if faults:
            raise Invalid("The maintenance window was not opened.", faults)

    @property
    def mark(self) -> str:
        return f"{HELD_BY}{self.id}"

    def concerns(self, hazard_id: str, equipment_id: str, place_id: str) -> bool:
        """Whether that is what it is about, whenever it runs."""
        there = equipment_id in self.equipment or (self.place_id is not None and is_within(place_id, self.place_id))
        return there and any(pattern_matches(one, hazard_id) for one in self.hazards)

    def running(self, at: datetime) -> bool:
        return self.ended_at is None and self.starts_at <= at < self.ends_at

    def covers(self, hazard_id: str, equipment_id: str, place_id: str, at: datetime) -> bool:
        """Whether work goes on there now."""
        return self.running(at) and self.concerns(hazard_id, equipment_id, place_id)

    def ended(self, now: datetime, by: str | None = None) -> Window:
        if self.ended_at is not None:
            raise Conflict("This maintenance window is over.", "维护时段已结束")
        return replace(self, ended_at=now, ended_by=by)


def may_open(register: Register, member: Member, window: Window) -> bool:
    """A maintainer for what it maintains where it serves, the operator for nodes, a manager of who runs the estate."""
    if member.role is Role.RESIDENT:
        return False
    if runs_estate(register, member):
        return True
    party = register.party(member.party_id)
    if party.kind is PartyKind.PLATFORM_OPERATOR:
        nodes = bool(window.equipment) and all(one.startswith(NODE_PREFIX) for one in window.equipment)
        return nodes or all(one.startswith(("node.", "point.")) for one in window.hazards)
    return maintains(register, party, window.equipment)


def runs_estate(register: Register, member: Member) -> bool:
    return member.role_in(register.fallback.id) in (Role.MANAGER, Role.ADMINISTRATOR)


def maintains(register: Register, party: Party, equipment: Collection[str]) -> bool:
    """Whether all of it is what the party maintains, where it serves."""
    return serves(register, party, equipment, _OF.get(party.kind))


def serves(register: Register, party: Party, equipment: Collection[str], kind: EquipmentKind | None) -> bool:
    """Whether all of it is of that kind and stands where the party serves."""
    items = [register.equipment.get(one) for one in equipment]
    return bool(items) and all(one and one.kind is kind and party.closeness(one.place_id) >= 0 for one in items)


def accepted(register: Register, window: Window, member: Member, now: datetime) -> Window:
    """Who runs the estate confirms that the maintainer was there and did its work. Raises NotAllowed, Conflict."""
    if not runs_estate(register, member):
        raise NotAllowed(
            "A visit is accepted by a manager of who runs the estate. Ask one of them.",
            "维保到访由小区管理单位负责人确认",
        )
    if not is_visit(register, window):
        raise Conflict(
            "This is no maintenance visit: a lift's own maintainer opens a routine window over its lifts, comes before its "
            "time is over, and ends it.",
            "这不是可确认的维保到访：须由电梯维保单位登记例行保养并自行结束",
        )
    if window.accepted_at is not None:
        raise Conflict("This visit is accepted already.", "该次维保已确认")
    return replace(window, accepted_at=now, accepted_by=member.id)


def is_visit(register: Register, window: Window) -> bool:
    """Whether the lifts' maintainer worked there and ended it itself: nobody confirms what ran out, or what is their own."""
    party = register.party(window.party_id)
    ended_by = register.members.get(window.ended_by or "")
    there = ended_by is not None and ended_by.role_in(party.id) is not None
    own = party.kind is PartyKind.LIFT_MAINTAINER and party.id != register.fallback.id
    began = window.ended_at is not None and window.starts_at < window.ended_at
    return window.reason == "routine" and own and there and began and maintains(register, party, window.equipment)
