"""Empty tables to fill in, each with remarks on its columns."""

from __future__ import annotations

from cloud.adapters.estate_file.table_writing import table_bytes
from cloud.adapters.estate_file.tables import COLUMNS
from cloud.domain.community.party import PartyKind, Role
from cloud.domain.community.place import PlaceKind
from cloud.domain.duties.register import EquipmentKind


def write_templates() -> dict[str, bytes]:
    """By the name of each file. Remarks begin with # and are passed over when the file comes back."""
    return {f"{name}.csv": table_bytes(name, (), _REMARKS[name]) for name in COLUMNS}


def _of(kinds: type[PlaceKind | PartyKind | Role | EquipmentKind]) -> str:
    return " ".join(kinds)


_NAMES = "zh, en: names in Chinese and English; one of the two is enough 中文名和英文名，填一个即可"
_REMARKS = {
    "places": (
        "One row a place, from the street down to the floor 每行一个位置，从街道到楼层",
        "id: its path, lower-case letters, digits and hyphens, for example street/community/estate-1/b3/f7 路径编号",
        f"kind: {_of(PlaceKind)}",
        _NAMES,
    ),
    "parties": (
        "One row a party, with or without an account 每行一个单位",
        f"kind: {_of(PartyKind)}",
        "serves: the paths of the places it works for, several divided by ; 服务范围，多个用分号隔开",
        "phone: digits; days (1 Monday to 7 Sunday), start, end: its hours, empty is always 电话；服务时间，留空为全天",
        _NAMES,
    ),
    "members": (
        "One row a person; name roles rather than people 每行一名成员，建议写岗位而非姓名",
        f"role: {_of(Role)}",
        "language: zh or en; also: further parties, party:role divided by ; 兼任",
        _NAMES,
    ),
    "nodes": ("One row a node 每行一个节点", "place: the path of the building it hangs in 所在楼的路径", _NAMES),
    "equipment": (
        "One row a lift, detector or door 每行一台设备",
        f"kind: {_of(EquipmentKind)}",
        "id: place first, for example b3/lift-1; place: a path; node: to which it is wired 编号、位置路径、所接节点",
        "maintained_on, inspected_until: of lifts, as 2026-11-26 电梯上次维保日和检验有效期",
        _NAMES,
    ),
    "duties": (
        "One row a duty; an empty cell leaves what there is, a hyphen says nothing 空格不改，连字符表示无",
        "like: for a new row, the row whose ladder, proof and pauses it takes over 新行参照哪一行",
        "lead, supports, observers: kinds, party:id or a number, divided by ; 牵头、协办、知会",
        "tto, ttr, arrive, resolve_delay: for example 3 min, 4 h, 15 d 时限",
        "zh, en: the basis in law or contract 依据",
    ),
}
