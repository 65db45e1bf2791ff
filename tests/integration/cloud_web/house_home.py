"""A home in the house: a flat's own door on the seventh floor of building 3, and who lives behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.register import Equipment, EquipmentKind
from tests.integration.cloud_web.house import House
from tests.integration.cloud_web.house_register import ESTATE, HOME

POINT = "b3/flat-door/contact"
MEMBER = "grandmother"


def moves_in(house: House) -> None:
    """Her door was opened an hour ago, and its node is heard."""
    home = Party("home-7", PartyKind.HOUSEHOLD, Names("7层一户", "A home on floor 7"), (f"{HOME}/b3/f7",))
    door = Equipment(
        "b3/flat-door", EquipmentKind.ACCESS_GATE, f"{HOME}/b3/f7", Names("入户门", "Flat door"), "b3-gateway"
    )
    member = Member(MEMBER, home.id, Names("7层住户", "Resident of floor 7"), Role.RESIDENT)
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        changed = replace(
            register,
            version=register.version + 1,
            parties={**register.parties, home.id: home},
            members={**register.members, member.id: member},
            equipment={**register.equipment, door.id: door},
            _by_closeness={},
        )
        uow.registers.store(changed, "with a home")
        uow.commit()
    house.node_connects()
    house.sensor_reports(POINT, [(timedelta(hours=1, minutes=5), False), (timedelta(hours=1), True)])
    house.sensor_reports(POINT, [(timedelta(minutes=n), True) for n in range(50, 0, -5)])
