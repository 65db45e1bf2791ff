"""The points of each kind of equipment: what an interpreter reports, what rules ask about, what a chart is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["access_gate", "smoke_detector", "lift"]


@dataclass(frozen=True, slots=True)
class Point:
    """One measured or derived quantity. `unit`: SenML unit symbol (RFC 8428, 12.1; RFC 8798) or None for text and truth.

    `pulse`: a truth value that is true for one reading only and false straight after, so that it can be counted.
    """

    name: str
    zh: str
    en: str
    unit: str | None = None
    pulse: bool = False


def _points(*points: Point) -> dict[str, Point]:
    return {point.name: point for point in points}


POINTS: Final[dict[Kind, dict[str, Point]]] = {
    "access_gate": _points(
        Point("open", "门开", "Door open"),
        Point("rex", "出门按钮", "Request to exit"),
        Point("granted", "放行", "Granted", pulse=True),
        Point("denied", "拒绝", "Denied", pulse=True),
        Point("unlocked", "开锁指令", "Unlock commanded"),
        Point("released", "锁已释放", "Lock released"),
        Point("tamper", "防拆", "Reader tamper"),
        # An exit's own contact: bolted, blocked, or a fire door's monitor says so.
        Point("obstructed", "出口堵塞", "Exit obstructed"),
        Point("fire-input", "消防联动", "Fire input"),
        Point("release-commanded", "消防释放指令", "Fire release commanded"),
        # Open with no grant or request to exit in the grant window before it opened; holds until the door closes.
        Point("open-unauthorised", "无授权开门", "Opened without a grant"),
        # A passage (beam crossing, or opening where there is no beam) beyond what was granted.
        Point("unpaid-passage", "超额通行", "Passage beyond grants", pulse=True),
    ),
    "smoke_detector": _points(
        Point("alarm", "报警继电器", "Alarm relay"),
        Point("fault", "故障继电器", "Fault relay"),
        # SenML has no symbol for %/m: the unit is the ratio '/', the name says the metre (equipment.md). Value in %/m / 100.
        Point("obscuration-per-metre", "减光率", "Obscuration per metre", "/"),
        Point("temperature", "温度", "Temperature", "Cel"),
        Point("co", "一氧化碳", "Carbon monoxide", "ppm"),
        Point("battery-low", "电池低", "Battery low"),
        Point("tamper", "防拆", "Tamper"),
        Point("call-point", "手动报警按钮", "Manual call point"),
        # An analog value outside what the circuit can give: open or shorted line.
        Point("circuit-fault", "线路故障", "Circuit open or shorted"),
        # No noise at all for an hour: a living sensor is never perfectly still.
        Point("stuck", "读数停滞", "Value stuck"),
        # As for `stuck`, of a temperature, which in a room may well be still for hours: judged by its own habits, by the day.
        Point("temperature-stuck", "温度读数停滞", "Temperature stuck"),
        # EN 50291: dose of carbon monoxide as a share of what must alarm; 1 and more is an alarm.
        Point("co-dose", "一氧化碳剂量", "Carbon monoxide dose", "/"),
        # Slow baseline of clean air (per metre, ratio), followed over days.
        Point("clean-air", "洁净空气基线", "Clean-air baseline", "/"),
    ),
    "lift": _points(
        Point("service-mode", "服务模式", "Service mode"),
        Point("normal-service", "正常服务", "In normal service"),
        Point("in-maintenance", "检修", "In inspection mode"),
        Point("direction", "方向", "Direction"),
        Point("floor", "楼层", "Floor"),
        Point("speed", "速度", "Speed", "m/s"),
        Point("speed-ratio", "额定速度比", "Share of rated speed", "/"),
        Point("moving", "运行", "Moving"),
        Point("at-level", "平层", "At level"),
        Point("door-open", "门开", "Door not closed"),
        Point("door-reversals", "门反复", "Door reversals at this stop", "count"),
        # Floor, level and speed contradict each other trip after trip: one of them stands still while the car moves.
        Point("position-stuck", "位置信号停滞", "Position signals contradict"),
        Point("load", "载重", "Load", "kg"),
        Point("fault-code", "故障码", "Fault code"),
        Point("main-power", "主电源", "Main power"),
        Point("alarm-button", "报警按钮", "Alarm button"),
        Point("presence", "轿内有人", "Presence in the car"),
        # Separate presence pulses in the last 90 s while standing at level with the door closed; 0 once it opens or moves.
        Point("confined-pulses", "关门有人次数", "Presence behind a closed door", "count"),
        # Separate presence pulses in the last 15 s while standing off level.
        Point("off-level-pulses", "非平层有人次数", "Presence while off level", "count"),
    ),
}
