"""The estate of the house as its register has it: places, parties, members, equipment and duties."""

from __future__ import annotations

from datetime import timedelta

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.duties.duty import Duty, DutyMatrix, Need
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Step
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry, Register

ESTATE = "example"
ROOT = "binhai"
HOME = f"{ROOT}/example"
MINUTES = timedelta(minutes=1)


def _places(estate_names: Names) -> list[Place]:
    places = [
        Place(ROOT, PlaceKind.STREET, Names("滨海街道", "Binhai Street")),
        Place(HOME, PlaceKind.ESTATE, estate_names),
    ]
    for number in (1, 3, 5):
        building = f"{HOME}/b{number}"
        places.append(Place(building, PlaceKind.BUILDING, Names(f"{number}号楼", f"Building {number}")))
        places += [
            Place(f"{building}/f{floor}", PlaceKind.FLOOR, Names(f"{floor}层", f"floor {floor}")) for floor in (1, 7)
        ]
    return places


def _parties() -> list[Party]:
    def party(name: str, kind: PartyKind, zh: str, en: str, phone: str | None = None) -> Party:
        return Party(name, kind, Names(zh, en), (HOME,), phone)

    return [
        party("property", PartyKind.PROPERTY_MANAGER, "物业服务中心", "Property office", "022-0000-0001"),
        party("lifts", PartyKind.LIFT_MAINTAINER, "电梯维保单位", "Lift maintainer", "022-0000-0002"),
        party("control-room", PartyKind.FIRE_CONTROL_ROOM, "消防控制室", "Fire control room", "022-0000-0003"),
        party("station", PartyKind.MICRO_FIRE_STATION, "微型消防站", "Micro fire station"),
        party("committee", PartyKind.RESIDENTS_COMMITTEE, "居民委员会", "Residents' committee"),
        party("operator", PartyKind.PLATFORM_OPERATOR, "平台运维", "Platform operator"),
        party("street", PartyKind.STREET_OFFICE, "街道办事处", "Street office"),
        Party("119", PartyKind.EXTERNAL, Names("消防救援", "Fire and rescue"), phone="119"),
        Party("96333", PartyKind.EXTERNAL, Names("电梯应急处置", "Lift emergency service"), phone="96333"),
        Party("elsewhere", PartyKind.PROPERTY_MANAGER, Names("外部物业", "Another estate's property"), ("other",)),
    ]


def _members() -> list[Member]:
    def member(name: str, party: str, role: Role, zh: str, en: str) -> Member:
        return Member(name, party, Names(zh, en), role)

    return [
        member("manager", "property", Role.MANAGER, "值班经理", "Duty manager"),
        member("guard", "property", Role.RESPONDER, "值班保安", "Duty guard"),
        member("technician", "lifts", Role.RESPONDER, "值班技师", "Technician on duty"),
        member("controller", "control-room", Role.RESPONDER, "值班员", "Control room operator"),
        member("officer", "committee", Role.OVERSEER, "社区工作者", "Committee officer"),
        member("engineer", "operator", Role.OPERATOR, "运维工程师", "Platform engineer"),
        member("administrator", "operator", Role.ADMINISTRATOR, "系统管理员", "Administrator"),
        member("street-officer", "street", Role.OVERSEER, "街道值班员", "Street duty officer"),
        member("tenant", "property", Role.RESIDENT, "住户", "Resident"),
        member("lodger", "property", Role.RESIDENT, "另一住户", "Another resident"),
        member("stranger", "elsewhere", Role.ADMINISTRATOR, "外部管理员", "Another estate's administrator"),
    ]


def _kind(value: str) -> PartyRef:
    return PartyRef("kind", value)


def _matrix() -> DutyMatrix:
    basis = Names("示例依据，请按当地规定确认", "An example's basis, to be confirmed locally")
    phones = tuple(PartyRef("phone", number) for number in ("96333", "119"))
    ladder = EscalationPolicy((Step(3 * MINUTES, Condition.IF_NOT_ACKNOWLEDGED, phones, call_sheet=True),))
    return DutyMatrix(
        4,
        (
            Duty(
                "lift-entrapment",
                ("lift.entrapment",),
                (_kind("lift_maintainer"),),
                3 * MINUTES,
                120 * MINUTES,
                Names(
                    "《台州市电梯安全条例》第三十条（按当地规定确认）",
                    "Taizhou Lift Safety Rules, art. 30 (confirm locally)",
                ),
                supports=(_kind("property_manager"),),
                observers=(_kind("residents_committee"),),
                ladder=ladder,
                needs=frozenset({Need.SENSOR, Need.INDEPENDENT}),
                call_sheet=phones,
            ),
            Duty(
                "fire",
                ("fire.*",),
                (_kind("fire_control_room"),),
                3 * MINUTES,
                60 * MINUTES,
                basis,
                supports=(_kind("micro_fire_station"), _kind("property_manager")),
                observers=(_kind("residents_committee"),),
                ladder=ladder,
                call_sheet=(PartyRef("phone", "119"),),
                basis_seen=False,
            ),
            Duty("doors", ("access.*",), (_kind("property_manager"),), 10 * MINUTES, 60 * MINUTES, basis),
            Duty(
                "lift-faults",
                ("lift.*",),
                (_kind("lift_maintainer"),),
                30 * MINUTES,
                240 * MINUTES,
                basis,
                supports=(_kind("property_manager"),),
            ),
        ),
    )


def register_of(names: dict[str, Names]) -> Register:
    def item(name: str, kind: EquipmentKind, place: str, zh: str, en: str) -> Equipment:
        return Equipment(name, kind, f"{HOME}/{place}", names.get(name, Names(zh, en)), "b3-gateway")

    equipment = [
        item("b3/lift-2", EquipmentKind.LIFT, "b3", "2号梯", "Lift 2"),
        item("b1/lift-1", EquipmentKind.LIFT, "b1", "1号梯", "Lift 1"),
        item("b5/north-gate", EquipmentKind.ACCESS_GATE, "b5/f1", "北门", "North gate"),
        item("b1/garage-door", EquipmentKind.ACCESS_GATE, "b1", "地下车库门", "Garage door"),
        item("b1/detector-7a", EquipmentKind.SMOKE_DETECTOR, "b1/f7", "走廊烟感", "Corridor detector"),
    ]
    estate_names = names.get("estate", Names("示例小区", "Example estate"))
    node_names = names.get("b3-gateway", Names("3号楼网关", "Gateway of building 3"))
    return Register(
        estate=Estate(ESTATE, HOME, estate_names, "property"),
        version=4,
        places=PlaceTree(_places(estate_names)),
        parties={party.id: party for party in _parties()},
        members={member.id: member for member in _members()},
        equipment={item.id: item for item in equipment},
        nodes={"b3-gateway": NodeEntry("b3-gateway", f"{HOME}/b3", node_names)},
        matrix=_matrix(),
    )
