"""The estate of the year: forty-eight buildings, ninety-six lifts, and twenty parties with their members."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloud.adapters.estate_file import default_duties
from cloud.adapters.estate_file.externals import EXTERNALS
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry

ID: Final = "year"
HOME: Final = "street/community/grid/year"
BUILDINGS: Final = 48
LIFTS: Final = 2
DETECTORS: Final = 8
DOORS: Final = 3

_K = PartyKind
_PARTIES: Final = (
    ("property", _K.PROPERTY_MANAGER, "物业服务中心", "Property office"),
    ("control-room", _K.FIRE_CONTROL_ROOM, "消防控制室", "Fire control room"),
    ("micro-station", _K.MICRO_FIRE_STATION, "微型消防站", "Micro fire station"),
    ("lift-firm", _K.LIFT_MAINTAINER, "电梯维保单位", "Lift maintainer"),
    ("fire-firm", _K.FIRE_MAINTAINER, "消防维保单位", "Fire system maintainer"),
    ("committee", _K.RESIDENTS_COMMITTEE, "居委会", "Residents' committee"),
    ("owners", _K.OWNERS_COMMITTEE, "业主委员会", "Owners' committee"),
    ("party-branch", _K.PARTY_ORGANISATION, "党支部", "Party branch"),
    ("grid-worker", _K.GRID_WORKER, "网格员", "Grid worker"),
    ("street", _K.STREET_OFFICE, "街道办事处", "Street office"),
    ("regulator", _K.MARKET_REGULATOR, "市场监管所", "Market regulator"),
    ("fire-rescue", _K.FIRE_RESCUE, "消防救援站", "Fire and rescue station"),
    ("police", _K.POLICE, "派出所", "Police station"),
    ("volunteers", _K.VOLUNTEER_TEAM, "志愿者队", "Volunteer team"),
    ("household", _K.HOUSEHOLD, "联系家庭", "Contact household"),
    ("charity", _K.SOCIAL_ORGANISATION, "社会组织", "Social organisation"),
)
"""With the four bodies that are reached by phone they are twenty."""


def description() -> EstateDescription:
    """The same on every call."""
    places = tuple(_places())
    parties = tuple(Party(id_, kind, Names(zh, en), (HOME,), "12345") for id_, kind, zh, en in _PARTIES)
    operator = Party("operator", _K.PLATFORM_OPERATOR, Names("平台运维", "Platform operator"), ("street",))
    return EstateDescription(
        estate=Estate(ID, HOME, Names("年度小区", "Estate of the year"), "property"),
        places=places,
        parties=(*parties, operator, *EXTERNALS),
        members=tuple(_members((*parties, operator))),
        nodes=tuple(NodeEntry(f"{b}-node", f"{HOME}/{b}", Names(f"{b}节点", f"Node of {b}")) for b in buildings()),
        equipment=tuple(_equipment()),
        duties=default_duties(),
    )


def buildings() -> list[str]:
    return [f"b{number}" for number in range(1, BUILDINGS + 1)]


def _places() -> Iterator[Place]:
    yield Place("street", PlaceKind.STREET, Names("示例街道", "Example street"))
    yield Place("street/community", PlaceKind.COMMUNITY, Names("示例社区", "Example community"))
    yield Place("street/community/grid", PlaceKind.GRID, Names("示例网格", "Example grid"))
    yield Place(HOME, PlaceKind.ESTATE, Names("年度小区", "Estate of the year"))
    for number, building in enumerate(buildings(), 1):
        yield Place(f"{HOME}/{building}", PlaceKind.BUILDING, Names(f"{number}号楼", f"Building {number}"))


def _members(parties: tuple[Party, ...]) -> Iterator[Member]:
    """Two of each party: one who works, and one who can look at that work."""
    for party in parties:
        for name, role in (("first", Role.RESPONDER), ("second", Role.MANAGER)):
            yield Member(f"{party.id}-{name}", party.id, Names(f"{party.names.zh}{name}", f"{name}, {party.id}"), role)


def _equipment() -> Iterator[Equipment]:
    kinds = (
        ("lift", EquipmentKind.LIFT, LIFTS, "梯"),
        ("smoke", EquipmentKind.SMOKE_DETECTOR, DETECTORS, "烟感"),
        ("door", EquipmentKind.ACCESS_GATE, DOORS, "门"),
    )
    for building in buildings():
        for name, kind, count, zh in kinds:
            for number in range(1, count + 1):
                names = Names(f"{number}号{zh}", f"{name.title()} {number}")
                yield Equipment(f"{building}/{name}-{number}", kind, f"{HOME}/{building}", names, f"{building}-node")
