"""A small estate of two buildings, and a building site of events to happen in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache

from cloud.adapters.estate_file import default_duties
from cloud.adapters.estate_file.externals import EXTERNALS
from cloud.application.intake.record_event import EventArrival
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry, Register
from schemas.batch import ClockState
from schemas.events import AlarmCleared, AlarmRaised, Event, EventBatch
from schemas.hazards import hazard
from schemas.topics import NodeAddress

ESTATE = "example"
HOME = "street/community/grid-1/example"
OUTBOX = "0197a600-0000-7000-8000-000000000001"
BOOT = "0197a600-0000-7000-8000-0000000000b0"

_PARTIES = (
    ("property", PartyKind.PROPERTY_MANAGER, "物业", "Property"),
    ("fire-room", PartyKind.FIRE_CONTROL_ROOM, "消控室", "Fire control room"),
    ("micro-station", PartyKind.MICRO_FIRE_STATION, "微型消防站", "Micro fire station"),
    ("lift-firm", PartyKind.LIFT_MAINTAINER, "维保单位", "Lift maintainer"),
    ("committee", PartyKind.RESIDENTS_COMMITTEE, "居委会", "Residents' committee"),
    ("grid", PartyKind.GRID_WORKER, "网格员", "Grid worker"),
    ("operator", PartyKind.PLATFORM_OPERATOR, "平台", "Platform operator"),
    ("street", PartyKind.STREET_OFFICE, "街道办", "Street office"),
)
_MEMBERS = (
    ("manager", "property", Role.MANAGER),
    ("guard", "property", Role.RESPONDER),
    ("technician", "lift-firm", Role.RESPONDER),
    ("foreman", "lift-firm", Role.MANAGER),
    ("watch", "fire-room", Role.RESPONDER),
    ("clerk", "committee", Role.OVERSEER),
    ("engineer", "operator", Role.OPERATOR),
    ("grid-officer", "grid", Role.RESPONDER),
    ("street-officer", "street", Role.OVERSEER),
    ("neighbour", "property", Role.RESIDENT),
)


def places() -> tuple[Place, ...]:
    rows = [
        ("street", PlaceKind.STREET, "示例街道", "Example street"),
        ("street/community", PlaceKind.COMMUNITY, "示例社区", "Example community"),
        ("street/community/grid-1", PlaceKind.GRID, "第一网格", "Grid 1"),
        (HOME, PlaceKind.ESTATE, "示例小区", "Example estate"),
        (f"{HOME}/b1", PlaceKind.BUILDING, "1号楼", "Building 1"),
        (f"{HOME}/b1/f2", PlaceKind.FLOOR, "2层", "Floor 2"),
        (f"{HOME}/b2", PlaceKind.BUILDING, "2号楼", "Building 2"),
    ]
    return tuple(Place(id_, kind, Names(zh, en)) for id_, kind, zh, en in rows)


def equipment() -> tuple[Equipment, ...]:
    rows = [
        ("b1/lift-1", EquipmentKind.LIFT, "b1", "1号梯", "Lift 1"),
        ("b1/lift-2", EquipmentKind.LIFT, "b1", "2号梯", "Lift 2"),
        ("b1/smoke-1", EquipmentKind.SMOKE_DETECTOR, "b1/f2", "烟感1", "Detector 1"),
        ("b1/smoke-2", EquipmentKind.SMOKE_DETECTOR, "b1", "烟感2", "Detector 2"),
        ("b1/door", EquipmentKind.ACCESS_GATE, "b1", "北门", "North door"),
        ("b2/door", EquipmentKind.ACCESS_GATE, "b2", "南门", "South door"),
    ]
    return tuple(
        Equipment(id_, kind, f"{HOME}/{place}", Names(zh, en), f"{place.split('/')[0]}-node")
        for id_, kind, place, zh, en in rows
    )


@cache
def description() -> EstateDescription:
    return EstateDescription(
        estate=Estate(ESTATE, HOME, Names("示例小区", "Example estate"), "property"),
        places=places(),
        parties=tuple(Party(id_, kind, Names(zh, en), (HOME,), "12345") for id_, kind, zh, en in _PARTIES) + EXTERNALS,
        members=tuple(Member(id_, party, Names(id_, id_), role) for id_, party, role in _MEMBERS),
        nodes=(
            NodeEntry("b1-node", f"{HOME}/b1", Names("1号楼节点", "Node 1")),
            NodeEntry("b2-node", f"{HOME}/b2", Names("2号楼节点", "Node 2")),
        ),
        equipment=equipment(),
        duties=default_duties(),
    )


def register() -> Register:
    return description().register(1)


def occurrence(number: int) -> str:
    return f"0197a600-0000-7000-8000-{number:012x}"


def raised(hazard_id: str, equipment_id: str, number: int, *, mono: float = 100.0, **extra: object) -> AlarmRaised:
    severity = extra.pop("severity", hazard(hazard_id).severity)
    return AlarmRaised(
        mono=mono,
        occurrence=occurrence(number),
        rule=f"{hazard_id}@{equipment_id}",
        hazard=hazard_id,
        severity=severity,
        equipment=equipment_id,
        **extra,
    )


def cleared(hazard_id: str, equipment_id: str, number: int, *, mono: float = 110.0, **extra: object) -> AlarmCleared:
    return AlarmCleared(
        mono=mono,
        occurrence=occurrence(number),
        rule=f"{hazard_id}@{equipment_id}",
        hazard=hazard_id,
        equipment=equipment_id,
        **extra,
    )


class NodeOnPaper:
    """Numbers batches as a node's outbox does, and can send any of them again."""

    def __init__(self, now: Callable[[], datetime], node: str = "b1-node", outbox: str = OUTBOX) -> None:
        self.address = NodeAddress(ESTATE, node)
        self._now, self._outbox, self._seq = now, outbox, 0

    def batch(
        self,
        *events: Event,
        age: float = 0.0,
        seq: int | None = None,
        clock: ClockState = ClockState.UNSYNCHRONISED,
        **extra: object,
    ) -> EventArrival:
        self._seq = seq if seq is not None else self._seq + 1
        last = max(event.mono for event in events)
        batch = EventBatch(
            outbox=self._outbox,
            boot=BOOT,
            seq=self._seq,
            sealed_mono=last,
            sent_mono=last + age,
            sent_boot=BOOT,
            clock=clock,
            events=list(events),
            **extra,
        )
        sealed = batch.model_dump_json(exclude={"sent_mono", "sent_boot", "backlog"}).encode()
        return EventArrival(self.address, batch, hashlib.sha256(sealed).digest(), self._now())
