"""Which dead letters can be taken after all, and why the others cannot."""

from __future__ import annotations

from typing import Final

from cloud.application.records import DeadLetter
from cloud.domain.community.names import Names

_NUMBERED: Final = ("/events", "/telemetry")
_PARTLY: Final = "record "
"""What the reason begins with where single records of a batch of telemetry were refused and the others stored."""
_WHOLE: Final = "the whole batch is refused"
_IDENTITY: Final = "identity"
_STRANGER: Final = "is not enrolled, or was revoked"

FORGOTTEN: Final = Names("内容已按保存期限删除", "What it said is no longer kept.")
NOBODYS: Final = Names("主题中没有节点，无法收下", "Its topic names no node, so nobody can take it.")
FLEETING: Final = Names(
    "上线、健康和回执只有最新的有效，节点会再次发送",
    "Of presence, health and receipts only the newest counts, and the node says it again.",
)
STRANGERS: Final = Names(
    "发送者未经登记：登记后节点会自行补发",
    "Its sender may not speak for the node: once enrolled, it sends what it kept by itself.",
)
PARTLY: Final = Names(
    "同批其余读数已保存，坏记录无法解读",
    "The other records of its batch are stored; what is wrong in these cannot be mended.",
)


def hindrance(letter: DeadLetter) -> Names | None:
    """Why a letter cannot be replayed; None where it can be tried, or was replayed already."""
    if letter.estate is None or letter.node_id is None:
        return NOBODYS
    if letter.why == _IDENTITY or (letter.why is None and _STRANGER in letter.reason):
        return STRANGERS
    if not letter.topic.endswith(_NUMBERED):
        return FLEETING
    if letter.topic.endswith("/telemetry") and letter.reason.startswith(_PARTLY) and _WHOLE not in letter.reason:
        return PARTLY
    return None if letter.payload else FORGOTTEN
