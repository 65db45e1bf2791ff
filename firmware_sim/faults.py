"""Every kind of fault a scenario may name: on what, which hazard it should raise, what it needs, and its script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from firmware_sim import access_faults, fire_faults, lift_faults
from firmware_sim.errors import ScenarioError
from firmware_sim.scenario import FaultKind, FaultSpec
from firmware_sim.script import Script
from firmware_sim.staging import Staging
from schemas.equipment import AccessGate, Equipment, Lift, SmokeDetector

EquipmentKind = Literal["lift", "smoke_detector", "access_gate"]


@dataclass(frozen=True, slots=True)
class Kind:
    """`hazard` None: a nuisance, which should raise nothing. `also`: what may rightly be raised besides.

    `needs`: terminals that the equipment must have for the fault to be seen at all; `a|b`: either of them.
    `at_least_s`: a shorter fault would be over before its rule is fulfilled.
    """

    on: EquipmentKind
    hazard: str | None
    script: Callable[[Staging[Any]], Script]
    also: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    at_least_s: float = 0.0


_OFF_LEVEL: Final = frozenset({"lift.stopped-off-level"})
_RUNAWAY: Final = frozenset({"lift.stopped-off-level", "lift.door-fault"})
"""The car stands off level with its doors open, for as long as the fault lasts."""
_BURNING: Final = frozenset({"fire.smoke-prealarm", "fire.co"})
_STUCK: Final = frozenset({"point.stuck"})
"""Its temperature hangs with the rest; a fault that lasts for a day is found by that too."""
_LEFT_OPEN: Final = frozenset({"access.held-open"})

KINDS: Final[dict[FaultKind, Kind]] = {
    "entrapment": Kind("lift", "lift.entrapment", lift_faults.entrapment, also=_OFF_LEVEL, at_least_s=15),
    "lift-door-fault": Kind("lift", "lift.door-fault", lift_faults.door_will_not_close, at_least_s=70),
    "unintended-movement": Kind(
        "lift", "lift.unintended-movement", lift_faults.unintended_movement, also=_RUNAWAY, at_least_s=5
    ),
    "overspeed": Kind("lift", "lift.overspeed", lift_faults.overspeed, needs=("controller",)),
    "lift-power-lost": Kind(
        "lift", "lift.out-of-service", lift_faults.power_lost, needs=("controller",), at_least_s=305
    ),
    "lift-inspection": Kind("lift", None, lift_faults.inspection, needs=("controller",), at_least_s=30),
    "stuck-floor": Kind("lift", "point.stuck", lift_faults.floor_stuck, needs=("controller",), at_least_s=30),
    "smoke": Kind(
        "smoke_detector",
        "fire.smoke",
        fire_faults.smoke,
        also=_BURNING,
        needs=("alarm_relay|obscuration",),
        at_least_s=5,
    ),
    "co": Kind("smoke_detector", "fire.co", fire_faults.carbon_monoxide, needs=("co",), at_least_s=240),
    "manual-call-point": Kind(
        "smoke_detector", "fire.manual-call-point", fire_faults.call_point, needs=("call_point",), at_least_s=1
    ),
    "detector-fault": Kind(
        "smoke_detector",
        "fire.detector-fault",
        fire_faults.detector_fault,
        needs=("fault_relay|obscuration",),
        at_least_s=5,
    ),
    "stuck-detector": Kind(
        "smoke_detector",
        "fire.detector-fault",
        fire_faults.stuck,
        also=_STUCK,
        needs=("obscuration|co",),
        at_least_s=fire_faults.STUCK_AFTER_S + 5,
    ),
    "cooking": Kind("smoke_detector", None, fire_faults.cooking, needs=("obscuration",)),
    "dust": Kind("smoke_detector", None, fire_faults.dust, needs=("obscuration",)),
    "forced-door": Kind("access_gate", "access.forced-open", access_faults.forced_open, also=_LEFT_OPEN, at_least_s=1),
    "held-open-door": Kind(
        "access_gate", "access.held-open", access_faults.held_open, needs=("rex|granted",), at_least_s=32
    ),
    "tailgating": Kind("access_gate", "access.tailgating", access_faults.tailgating, needs=("granted",)),
    "denied-burst": Kind("access_gate", "access.denied-burst", access_faults.denied_burst, needs=("reader",)),
    "reader-tamper": Kind(
        "access_gate", "access.reader-tamper", access_faults.reader_tamper, needs=("tamper",), at_least_s=2
    ),
    "release-failed": Kind(
        "access_gate",
        "access.release-failed",
        access_faults.release_failed,
        needs=("fire_input", "lock_released"),
        at_least_s=4,
    ),
    "contact-chatter": Kind("access_gate", None, access_faults.contact_chatter),
}
_TITLES: Final = {AccessGate: "access_gate", SmokeDetector: "smoke_detector", Lift: "lift"}


def check(spec: FaultSpec, number: int, equipment: dict[str, Equipment]) -> Kind:
    """The kind of a fault, if the estate can show it; otherwise an error that says why not."""
    where = f"faults[{number}]"
    kind = KINDS[spec.kind]
    item = equipment.get(spec.equipment)
    fitting = sorted(found.id for found in equipment.values() if _suits(kind, found))
    example = f'equipment = "{fitting[0]}"' if fitting else f"an item of kind {kind.on} in a node file"
    if item is None:
        raise ScenarioError(
            f"{where}.equipment",
            f"no node of the scenario has {spec.equipment!r}",
            expected=f"one of {', '.join(fitting) or 'none that could show it'}",
            example=example,
        )
    if not _suits(kind, item):
        needs = f" with {' and '.join(kind.needs).replace('|', ' or ')}" if kind.needs else ""
        raise ScenarioError(
            f"{where}.equipment",
            f"{spec.kind} cannot be seen on {spec.equipment!r}, as that is wired",
            expected=f"equipment of kind {kind.on}{needs}",
            example=example,
        )
    if spec.for_ < kind.at_least_s:
        raise ScenarioError(
            f"{where}.for",
            f"{spec.kind} for {spec.for_:g} s would be over before anyone could call it one",
            expected=f"at least {kind.at_least_s:g} seconds",
            example=f"for = {kind.at_least_s:.1f}",
        )
    return kind


def _suits(kind: Kind, item: Equipment) -> bool:
    if _TITLES[type(item)] != kind.on:
        return False
    return all(any(getattr(item, one) is not None for one in need.split("|")) for need in kind.needs)
