"""The alarm rules that equipment has unless someone decides otherwise: the tables of equipment.md, as data.

They ask of every point that a kind of equipment can have. What is not wired on one piece of it the node's interpreter
reports once, at its harmless value: an unknown point would keep an alarm that any of several can raise from clearing.
"""

from __future__ import annotations

from schemas.alarm_rules import AlarmRule
from schemas.conditions import All, AnyOf, Condition, Count, Limit, Not, State
from schemas.equipment import AccessGate, Equipment, Lift, SmokeDetector
from schemas.hazards import Severity

SMOKE_THRESHOLD = 0.05
"""Per metre. Home alarms respond at 5.1 ± 1 %/m on average (NIST); EN 54-7 detectors never below about 1.1 %/m."""


def default_rules(item: Equipment) -> list[AlarmRule]:
    """The rules of equipment.md for one piece of equipment. Rule ids are `{equipment}/{name}`, so they stay the same."""
    match item:
        case AccessGate():
            return _access_gate(item)
        case SmokeDetector():
            return _smoke_detector(item)
        case Lift():
            return _lift(item)


def _rule(  # noqa: PLR0917 - one line per rule reads as the table it comes from
    item: Equipment,
    name: str,
    hazard: str,
    when: Condition,
    on_delay_s: float = 0.0,
    off_delay_s: float = 0.0,
    *,
    clear_when: Condition | None = None,
    severity: Severity | None = None,
) -> AlarmRule:
    return AlarmRule(
        id=f"{item.id}/{name}",
        equipment=item.id,
        hazard=hazard,
        severity=severity,
        when=when,
        on_delay_s=on_delay_s,
        off_delay_s=off_delay_s,
        clear_when=clear_when,
    )


def _true(point: str) -> State:
    return State(point=point, equals=True)


def _false(point: str) -> State:
    return State(point=point, equals=False)


def _access_gate(gate: AccessGate) -> list[AlarmRule]:
    def held(seconds: float) -> Condition:
        # Counted from the last grant: a door through which people keep coming with cards is in use, not held open.
        recently_granted = Count(point="granted", at_least=1, window_s=seconds)
        return All(of=[All(of=[_true("open")], for_s=seconds), Not(of=recently_granted)])

    unreleased = All(of=[_true("release-commanded"), _false("released")])
    return [
        _rule(gate, "forced-open", "access.forced-open", _true("open-unauthorised"), 0, 1.0),
        _rule(gate, "held-open", "access.held-open", held(30.0)),
        _rule(gate, "held-open-long", "access.held-open", held(600.0), severity=Severity.MAJOR),
        _rule(gate, "tailgating", "access.tailgating", Count(point="unpaid-passage", at_least=1, window_s=10.0)),
        _rule(gate, "denied-burst", "access.denied-burst", Count(point="denied", at_least=5, window_s=60.0)),
        _rule(gate, "reader-tamper", "access.reader-tamper", _true("tamper"), 1.0, 1.0),
        # A minute, ours: goods carried through stand in the way, and are gone.
        _rule(gate, "exit-obstructed", "fire.exit-obstructed", _true("obstructed"), 60.0, 5.0),
        _rule(gate, "release-failed", "access.release-failed", unreleased, 2.0, 1.0),
    ]


def _smoke_detector(detector: SmokeDetector) -> list[AlarmRule]:
    smoke = Limit(point="obscuration-per-metre", above=SMOKE_THRESHOLD, deadband=0.01)
    prealarm = Limit(point="obscuration-per-metre", above=round(SMOKE_THRESHOLD * 2 / 3, 4), deadband=0.005)
    faults = ("fault", "circuit-fault", "stuck", "battery-low", "tamper")
    drifted = Limit(point="clean-air", above=round(SMOKE_THRESHOLD / 3, 4), deadband=0.002)
    return [
        _rule(detector, "smoke-relay", "fire.smoke", _true("alarm"), 0, 10.0),
        # Three samples of a second: still true half a second after the third, however unevenly they come.
        _rule(detector, "smoke-obscuration", "fire.smoke", smoke, 2.5, 10.0),
        _rule(detector, "smoke-prealarm", "fire.smoke-prealarm", prealarm, 10.0, 10.0),
        _rule(detector, "call-point", "fire.manual-call-point", _true("call-point")),
        _rule(detector, "co", "fire.co", Limit(point="co-dose", above=1.0, deadband=0.5), 0, 60.0),
        _rule(detector, "fault", "fire.detector-fault", AnyOf(of=[_true(point) for point in faults]), 3.0, 10.0),
        _rule(detector, "temperature-stuck", "point.stuck", _true("temperature-stuck")),
        _rule(detector, "contaminated", "fire.detector-contaminated", drifted, 3600.0, 3600.0),
    ]


def _codes(*codes: int) -> list[Condition]:
    """What the controller itself reports (GB/T 24476)."""
    return [State(point="fault-code", equals=code) for code in codes]


def _lift(lift: Lift) -> list[AlarmRule]:
    def unless_maintained(*of: Condition) -> Condition:
        # Inspection mode holds back what is not life safety (equipment.md).
        return All(of=[*of, _false("in-maintenance")])

    trapped = AnyOf(
        of=[
            All(of=[AnyOf(of=[_true("alarm-button"), *_codes(90)])], for_s=3.0),
            Limit(point="confined-pulses", above=4.0),
            Limit(point="off-level-pulses", above=2.0),
        ]
    )
    freed = All(of=[_true("at-level"), _true("door-open")])
    off_level = unless_maintained(AnyOf(of=[All(of=[_false("at-level"), _false("moving")]), *_codes(4)]))
    # Doors may open in advance within the unlocking zone (EN 81-20, 5.12.1.4): movement counts once the zone is left.
    # Three tenths of a second, in which a car gains centimetres: where a retrofit box brings door and level on lines of
    # their own, an ordinary start may show them in the wrong order for a moment, and this one calls people out of bed.
    leaving = All(of=[_true("moving"), _true("door-open"), _false("at-level")], for_s=0.3)
    unintended = AnyOf(of=[leaving, *_codes(5)])
    door_fault = unless_maintained(
        AnyOf(
            of=[
                All(of=[_true("door-open"), _true("normal-service")], for_s=60.0),
                Limit(point="door-reversals", above=6.0),
                *_codes(2, 3),
            ]
        )
    )
    gone = AnyOf(of=[State(point="service-mode", equals=0), _false("main-power"), *_codes(41, 42)])
    out_of_service = unless_maintained(gone)
    run_timeout = unless_maintained(AnyOf(of=[All(of=[_true("moving")], for_s=60.0), *_codes(6)]))
    # Critical, and not life safety: a test of the governor is made in inspection.
    overspeed = unless_maintained(Limit(point="speed-ratio", above=1.15, deadband=0.05))
    return [
        _rule(lift, "entrapment", "lift.entrapment", trapped, clear_when=freed),
        _rule(lift, "stopped-off-level", "lift.stopped-off-level", off_level, 45.0, 2.0),
        _rule(lift, "unintended-movement", "lift.unintended-movement", unintended, 0, 5.0),
        _rule(lift, "overspeed", "lift.overspeed", overspeed, 0.5, 5.0),
        _rule(lift, "door-fault", "lift.door-fault", door_fault, 0, 5.0),
        _rule(lift, "run-timeout", "lift.run-timeout", run_timeout, 0, 2.0),
        _rule(lift, "position-stuck", "point.stuck", _true("position-stuck")),
        _rule(lift, "out-of-service", "lift.out-of-service", out_of_service, 300.0, 10.0),
    ]
