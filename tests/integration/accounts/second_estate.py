"""Another estate beside the first, with people, a node and a task of its own."""

from __future__ import annotations

from dataclasses import replace

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry
from tests.integration.cloud_web.house import ESTATE, House

OTHER = "far-away"
HOME = f"{OTHER}/g1"
"""A building there, in which people live."""
SECRETS = ("远方小区", "Far away estate", "远方网关", "远方物业")
"""Words that stand only in the other estate."""


def builds(house: House) -> str:
    """Stores it, lets something happen there, and gives the task."""
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        far = Party("far-property", PartyKind.PROPERTY_MANAGER, Names("远方物业", "Far property"), (OTHER,))
        home = Party("far-home", PartyKind.HOUSEHOLD, Names("远方住户", "Far households"), (OTHER,))
        people = (
            Member("far-chief", far.id, Names("远方经理", "Far manager"), Role.ADMINISTRATOR),
            Member("far-owner", home.id, Names("远方业主", "Far owner"), Role.RESIDENT),
        )
        gate = Equipment("g1/gate", EquipmentKind.ACCESS_GATE, OTHER, Names("远方大门", "Far gate"), "far-gateway")
        other = replace(
            register,
            estate=Estate(OTHER, OTHER, Names(SECRETS[0], SECRETS[1]), far.id),
            places=PlaceTree(
                [
                    Place(OTHER, PlaceKind.ESTATE, Names(SECRETS[0], SECRETS[1])),
                    Place(HOME, PlaceKind.BUILDING, Names("远方一号楼", "Far building one")),
                ]
            ),
            parties={far.id: far, home.id: home},
            members={one.id: one for one in people},
            equipment={gate.id: gate},
            nodes={"far-gateway": NodeEntry("far-gateway", OTHER, Names("远方网关", "Far gateway"))},
            _by_closeness={},
        )
        uow.registers.store(other, "far")
        uow.commit()
    return house.goes_wrong("access.forced-open", "g1/gate", estate=OTHER)
