"""The hazard vocabulary: every class of problem that Tocsin knows by name, with its severity and its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

HAZARD_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*$"
HazardId = Annotated[str, StringConstraints(pattern=HAZARD_PATTERN, max_length=64)]
"""`family.name`, for example `lift.entrapment`. A node may name one that this version does not know: it is kept."""

Family = Literal["access", "fire", "lift", "welfare", "node", "point", "civic", "duty"]


class Severity(StrEnum):
    """How bad it is, least first. What threatens life is said apart (`Hazard.life_safety`).

    All four comparisons stand here: a string brings its own, by the alphabet, and `total_ordering` would leave them.
    """

    NOTICE = "notice"
    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (notice) to 4 (critical)."""
        return _RANKS[self]

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return self.rank < other.rank

    def __le__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return self.rank <= other.rank

    def __gt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return self.rank > other.rank

    def __ge__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return self.rank >= other.rank


_RANKS: Final = {severity: rank for rank, severity in enumerate(Severity)}
"""Kept, for an alarm compares severities forty times on its way to a task."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One class of problem.

    `late_after_s`: an alarm of this hazard whose age on arrival is over this many seconds becomes a dated incident
    marked late, and calls people only if it is still active (wire.md, Late data).
    """

    id: str
    severity: Severity
    zh: str
    en: str
    life_safety: bool = False
    late_after_s: float = 15 * 60.0

    @property
    def family(self) -> str:
        return self.id.partition(".")[0]


def _table(*rows: Hazard) -> dict[str, Hazard]:
    return {row.id: row for row in rows}


_N, _W, _MI, _MA, _C = Severity.NOTICE, Severity.WARNING, Severity.MINOR, Severity.MAJOR, Severity.CRITICAL
_HOUR = 3600.0

HAZARDS: Final[dict[str, Hazard]] = _table(
    Hazard("access.forced-open", _MA, "强行开门", "Door forced open"),
    Hazard("access.held-open", _MI, "门未关", "Door held open"),
    Hazard("access.tailgating", _N, "尾随", "Tailgating"),
    Hazard("access.denied-burst", _MI, "连续拒绝", "Burst of denied cards"),
    Hazard("access.reader-tamper", _MA, "读卡器被拆", "Reader tampered with"),
    Hazard("access.release-failed", _C, "消防释放失败", "Fire release failed", life_safety=True, late_after_s=_HOUR),
    Hazard("welfare.no-activity", _MA, "久无活动", "No activity at home", late_after_s=_HOUR),
    # Nothing is heard of the sensors of a home whose people want to be looked after: nobody would notice.
    Hazard("welfare.unwatched", _MI, "居家关照中断", "Home not heard from", late_after_s=_HOUR),
    Hazard("fire.smoke", _C, "烟雾报警", "Smoke", life_safety=True, late_after_s=_HOUR),
    Hazard("fire.smoke-prealarm", _W, "烟雾预警", "Smoke pre-alarm"),
    Hazard("fire.manual-call-point", _C, "手动报警", "Manual call point", life_safety=True, late_after_s=_HOUR),
    Hazard("fire.presumed", _C, "推定火灾", "Fire presumed", life_safety=True, late_after_s=_HOUR),
    Hazard("fire.co", _C, "一氧化碳", "Carbon monoxide", life_safety=True, late_after_s=_HOUR),
    Hazard("fire.detector-fault", _MA, "探测器故障", "Detector fault", late_after_s=_HOUR),
    Hazard("fire.detector-contaminated", _MI, "探测器污染", "Detector contaminated", late_after_s=24 * _HOUR),
    Hazard("fire.exit-obstructed", _MA, "疏散通道堵塞", "Exit obstructed", late_after_s=_HOUR),
    Hazard("lift.entrapment", _C, "电梯困人", "Person trapped in lift", life_safety=True, late_after_s=_HOUR),
    Hazard("lift.stopped-off-level", _MA, "非平层停梯", "Lift stopped off level"),
    Hazard(
        "lift.unintended-movement", _C, "轿厢意外移动", "Unintended car movement", life_safety=True, late_after_s=_HOUR
    ),
    Hazard("lift.overspeed", _C, "电梯超速", "Lift overspeed", late_after_s=_HOUR),
    Hazard("lift.door-fault", _MI, "电梯门故障", "Lift door fault"),
    Hazard("lift.run-timeout", _MA, "运行超时", "Lift run timeout"),
    Hazard("lift.out-of-service", _MA, "电梯停用", "Lift out of service"),
    Hazard("lift.maintenance-overdue", _MA, "维保超期", "Lift maintenance overdue", late_after_s=24 * _HOUR),
    Hazard("lift.inspection-due", _MI, "检验将到期", "Lift inspection due", late_after_s=24 * _HOUR),
    Hazard("node.silent", _MA, "节点失联", "Node silent"),
    Hazard("node.clock-untrusted", _W, "节点时钟不可信", "Node clock untrusted", late_after_s=24 * _HOUR),
    Hazard("node.storage-low", _W, "节点存储不足", "Node storage low", late_after_s=24 * _HOUR),
    Hazard("node.identity-conflict", _MA, "节点身份冲突", "Node identity conflict", late_after_s=24 * _HOUR),
    Hazard("node.records-lost", _MA, "节点数据丢失", "Records of a node lost", late_after_s=24 * _HOUR),
    Hazard("node.identity-refused", _MA, "未登记节点被拒绝", "Node without enrolment refused", late_after_s=24 * _HOUR),
    Hazard("node.credential-expiring", _MI, "节点凭证将到期", "Node credential expiring", late_after_s=24 * _HOUR),
    Hazard("node.card-key-old", _W, "卡号密钥逾期未换", "Card key overdue", late_after_s=24 * _HOUR),
    Hazard("node.event-refused", _MA, "节点事件被拒收", "Event from a node refused", late_after_s=24 * _HOUR),
    # What a node wanted to say cannot be read: it may have been a fire (wire.md, The guarantee).
    Hazard(
        "node.event-unreadable",
        _C,
        "节点事件无法读取",
        "Event cannot be read",
        life_safety=True,
        late_after_s=24 * _HOUR,
    ),
    Hazard("point.stale", _W, "测点无数据", "Point stale", late_after_s=_HOUR),
    Hazard("point.stuck", _W, "测点停滞", "Point stuck", late_after_s=_HOUR),
    Hazard("point.chattering", _W, "测点抖动", "Point chattering", late_after_s=_HOUR),
    Hazard("civic.resolution-due", _N, "决议待落实", "Resolution to be carried out", late_after_s=24 * _HOUR),
    # Whoever would have to answer a hazard cannot be reached: what the cloud finds when it looks at who is on duty.
    Hazard("duty.uncovered", _MA, "值守空档", "Nobody on duty", late_after_s=24 * _HOUR),
)


def hazard(hazard_id: str) -> Hazard:
    """The hazard of that name. One that this version does not know is taken seriously: critical and life safety.

    A newer node may name a hazard before the cloud is upgraded; nothing may be lost or played down for that
    (wire.md: a refused event that cannot be read is treated as life safety).
    """
    known = HAZARDS.get(hazard_id)
    if known is not None:
        return known
    return Hazard(hazard_id, Severity.CRITICAL, hazard_id, hazard_id, life_safety=True, late_after_s=_HOUR)
