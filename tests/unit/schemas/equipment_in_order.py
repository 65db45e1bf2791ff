"""One piece of equipment of each kind, under its default rules, with nothing wrong."""

from __future__ import annotations

from schemas.equipment import AccessGate, Lift, SmokeDetector
from tests.unit.schemas.timeline import Watch

GATE = AccessGate(id="b1/front-door", kind="access_gate", contact={"pin": 4})
DETECTOR = SmokeDetector(id="b1/smoke-1", kind="smoke_detector", alarm_relay={"pin": 17})
LIFT = Lift(id="b1/lift-1", kind="lift", controller={"host": "192.0.2.7"})


def gate():
    return Watch(
        GATE, open=False, open_unauthorised=False, granted=False, denied=False, unpaid_passage=False, tamper=False,
        release_commanded=False, released=False,
    )  # fmt: skip


def detector():
    return Watch(
        DETECTOR, alarm=False, fault=False, circuit_fault=False, stuck=False, battery_low=False, tamper=False,
        call_point=False, obscuration_per_metre=0.001, co_dose=0.0, clean_air=0.001,
    )  # fmt: skip


def lift(**differently):
    """A lift in service, standing at level with its door closed."""
    points = {
        "service_mode": 1, "normal_service": True, "in_maintenance": False, "moving": False, "at_level": True,
        "door_open": False, "door_reversals": 0, "fault_code": 0, "main_power": True, "alarm_button": False,
        "speed_ratio": 0.0, "confined_pulses": 0, "off_level_pulses": 0,
    }  # fmt: skip
    return Watch(LIFT, **(points | differently))
