"""A second estate that the house's property and lift maintainer serve as well, with a control room of its own."""

from __future__ import annotations

from dataclasses import replace

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.house_register import ROOT

SISTER = "riverside"
NAMES = Names("河畔小区", "Riverside estate")
LIFT, DETECTOR, DOOR = "r1/lift-1", "r1/detector-1", "r1/gate"


def builds_sister(house: House) -> None:
    with house.units.writing() as uow:
        first = uow.registers.find(ESTATE)
        there = f"{ROOT}/{SISTER}"
        serve_both = {
            name: replace(first.parties[name], serves=(*first.parties[name].serves, there))
            for name in ("property", "lifts")
        }
        room = Party("river-room", PartyKind.FIRE_CONTROL_ROOM, Names("河畔消控室", "Riverside control room"), (there,))
        people = {one.id: one for one in first.members.values() if one.party_id in serve_both}
        watch = Member("river-watch", room.id, Names("河畔值班员", "Riverside watch"), Role.RESPONDER)

        def item(name: str, kind: EquipmentKind, zh: str, en: str) -> Equipment:
            return Equipment(name, kind, f"{there}/r1", Names(zh, en), "b3-gateway")

        kinds = EquipmentKind
        equipment = (
            item(LIFT, kinds.LIFT, "1号梯", "Lift 1"),
            item(DETECTOR, kinds.SMOKE_DETECTOR, "走廊烟感", "Corridor detector"),
            item(DOOR, kinds.ACCESS_GATE, "大门", "Gate"),
        )
        places = [
            first.places.get(ROOT),
            Place(there, PlaceKind.ESTATE, NAMES),
            Place(f"{there}/r1", PlaceKind.BUILDING, Names("1号楼", "Building 1")),
        ]
        external = {one.id: one for one in first.parties.values() if one.kind is PartyKind.EXTERNAL}
        sister = replace(
            first,
            estate=Estate(SISTER, there, NAMES, room.id),
            places=PlaceTree(places),
            parties={**serve_both, room.id: room, **external},
            members={**people, watch.id: watch},
            equipment={one.id: one for one in equipment},
            nodes={"b3-gateway": NodeEntry("b3-gateway", there, Names("河畔网关", "Riverside gateway"))},
            _by_closeness={},
        )
        uow.registers.store(sister, "riverside")
        uow.commit()
