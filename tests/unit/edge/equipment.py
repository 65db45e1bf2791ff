"""Pieces of equipment as node.toml would describe them."""

from __future__ import annotations

from typing import Any

GATE = "b1/gate-1"
SMOKE = "b1/smoke-1"
LIFT = "b1/lift-1"


def gate(**changes: Any) -> dict[str, Any]:
    """A gate whose controller decides, with everything wired but a beam."""
    return {
        "kind": "access_gate",
        "id": GATE,
        "contact": {"pin": 4, "active": "high"},
        "rex": {"pin": 5},
        "reader": {"d0": 6, "d1": 12},
        "granted": {"pin": 13},
        "tamper": {"pin": 16, "active": "high"},
        "fire_input": {"pin": 17},
        "lock_released": {"pin": 18},
    } | changes


def node_decides(**changes: Any) -> dict[str, Any]:
    """A gate whose cards this node knows, and whose lock it drives."""
    item = gate(**changes)
    del item["granted"]
    return {"lock": {"pin": 27, "fail_safe": "on"}} | item


def detector(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "smoke_detector",
        "id": SMOKE,
        "alarm_relay": {"pin": 19},
        "fault_relay": {"pin": 20},
        "battery_low": {"pin": 21},
        "tamper": {"pin": 22},
        "call_point": {"pin": 23},
        "obscuration": {"channel": 0, "at_zero": -0.05, "at_full": 0.225, "fault_below_v": 0.3, "fault_above_v": 3.2},
        "temperature": {"channel": 1, "at_zero": -20.0, "at_full": 145.0},
        "co": {"channel": 3, "at_full": 500.0},
    } | changes


def lift(**changes: Any) -> dict[str, Any]:
    return {"kind": "lift", "id": LIFT, "rated_speed_m_s": 1.5, "controller": {"host": "192.0.2.7"}} | changes


BOX = {
    "level_up": {"pin": 2},
    "level_down": {"pin": 3},
    "door_open": {"pin": 14, "active": "high"},
    "presence": {"pin": 15},
    "alarm_button": {"pin": 26},
}


def boxed_lift(**changes: Any) -> dict[str, Any]:
    item = lift(sensors=BOX) | changes
    del item["controller"]
    return item


def volts(value: float, wired: str = "obscuration") -> float:
    """The voltage at which the detector's analog input reads a value."""
    low, full = {"obscuration": (-0.05, 0.225), "co": (0.0, 500.0), "temperature": (-20.0, 145.0)}[wired]
    return (value - low) / (full - low) * 3.3
