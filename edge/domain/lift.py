"""What a lift's controller and its retrofit box say, as the points of one lift."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.car_travel import CarTravel
from edge.domain.confinement import Confinement
from edge.domain.lift_codes import code_meaning, direction_name, mode_meaning
from edge.domain.position_check import MOVING_FROM_M_S, LevelPairCheck, TripCheck
from edge.domain.signals import (
    CodeReported,
    ContactChanged,
    ControllerSilent,
    Finding,
    PointAssumed,
    PointAwaited,
    PointLost,
    PointValue,
    RegistersRead,
    Signal,
    Value,
    earliest,
)
from schemas.equipment import Lift, LiftRegisters

LOST_AFTER_S = 5.0
"""A controller silent for this long leaves what it said unknown; a single lost answer does not break a rule's delay."""
_NORMAL, _INSPECTION = 1, 2
_SIGN = 0x8000
_WITHOUT_CONTROLLER: Mapping[str, Value] = {
    "normal-service": True,
    "in-maintenance": False,
    "service-mode": _NORMAL,
    "main-power": True,
    "fault-code": 0,
    "door-reversals": 0,
    "speed-ratio": 0.0,
}
_NOTHING_READ = dict.fromkeys(LiftRegisters.model_fields, 0)
_BOX_POINTS = {"door_open": "door-open", "presence": "presence", "alarm_button": "alarm-button"}


class LiftInterpreter:
    """One lift. While its controller answers, the controller speaks for what both know; else the box does.

    The alarm button and presence are true when either says so: a person is worth believing twice. A lift without a
    controller is taken to be in normal service: its box cannot know of an inspection, and alarms are not held back for it.
    """

    def __init__(self, lift: Lift) -> None:
        self._lift = lift
        self._travel = CarTravel(lift.rated_speed_m_s)
        self._confinement = Confinement()
        self._heard_at: float | None = None
        self._controller_points: tuple[str, ...] = ()
        self._controller: dict[str, Value] = {}
        self._box: dict[str, Value] = {}
        self._trips, self._pair = TripCheck(), LevelPairCheck()
        self._stuck: dict[str, bool | None] = {}
        """What there is to hold a position against, by its source, and what came of it."""
        self._stuck |= {"controller": None} if lift.controller is not None else {}
        self._stuck |= {"box": None} if lift.sensors is not None else {}
        self._code: int | None = None
        self._mode: int | None = None

    @property
    def due(self) -> float | None:
        return earliest(self._travel.due, self._confinement.due)

    def start(self, mono: float) -> list[Finding]:
        if self._lift.controller is not None:
            # What was known before a restart stands for a moment longer; a controller that never answers is missed.
            self._heard_at = mono
            self._controller_points = tuple(_points_of(_NOTHING_READ, self._lift.rated_speed_m_s))
            return [PointAwaited(point) for point in self._controller_points]
        assumed = dict(_WITHOUT_CONTROLLER)
        if self._lift.sensors is not None and self._lift.sensors.alarm_button is None:
            assumed["alarm-button"] = False
        if self._lift.sensors is None or self._lift.sensors.presence is None:
            assumed |= {"confined-pulses": 0, "off-level-pulses": 0}
        return [PointAssumed(point, value) for point, value in assumed.items()]

    def observe(self, signal: Signal, mono: float) -> list[Finding]:
        match signal:
            case RegistersRead():
                self._heard_at = mono
                facts = self._facts(signal.values)
                self._controller = _points_of(signal.values, self._lift.rated_speed_m_s)
                self._hold_against_trips(mono)
                return [*facts, *self._merged(self._controller, mono), *self._stuck_now()]
            case ControllerSilent():
                self._stuck["controller"] = self._trips.lose()
                return self._controller_lost(mono)
            case ContactChanged():
                return self._sensor(signal, mono)
            case _:
                return []

    def tick(self, mono: float) -> list[Finding]:
        if self._travel.due is None or mono < self._travel.due:
            return self._confinement.counts(mono)
        self._travel.tick(mono)
        return self._box_travel(mono)

    def _sensor(self, contact: ContactChanged, mono: float) -> list[Finding]:
        if contact.input in ("level_up", "level_down"):
            self._travel.observe(contact.input, contact.active, mono)
            self._stuck["box"] = self._pair.observe(contact.input, contact.active, mono)
            return [*self._box_travel(mono), *self._stuck_now()]
        point = _BOX_POINTS[contact.input]
        self._box[point] = contact.active
        return self._merged({point: contact.active}, mono)

    def _hold_against_trips(self, mono: float) -> None:
        said = self._controller
        if said["service-mode"] != _NORMAL:
            self._stuck["controller"] = self._trips.lose()
            return
        floor, speed, at_level = said["floor"], said["speed"], said["at-level"]
        assert isinstance(floor, int)
        assert isinstance(speed, float)
        self._stuck["controller"] = self._trips.observe(
            floor=floor, speed_m_s=speed, at_level=bool(at_level), mono=mono
        )

    def _stuck_now(self) -> list[Finding]:
        """Nothing until every source was held against something: after a restart an alarm stands until it was looked at."""
        if any(self._stuck.values()):
            return [PointValue("position-stuck", True)]
        return [] if None in self._stuck.values() else [PointValue("position-stuck", False)]

    def _box_travel(self, mono: float) -> list[Finding]:
        news: dict[str, Value] = {}
        if self._travel.at_level is not None:
            news["at-level"] = self._travel.at_level
        if self._travel.moving is not None:
            news["moving"] = self._travel.moving
        self._box |= news
        return self._merged(news, mono)

    def _controller_lost(self, mono: float) -> list[Finding]:
        if self._heard_at is None or mono - self._heard_at < LOST_AFTER_S:
            return []
        self._heard_at = None
        lost: list[Finding] = [PointLost(point) for point in self._controller_points if point not in self._box]
        self._controller = {}
        return [*lost, *self._merged(dict(self._box), mono)]

    def _merged(self, news: Mapping[str, Value], mono: float) -> list[Finding]:
        """What `news` changes, once both sources have been heard, with the counts that follow from it."""
        now = self._now()
        self._confinement.place(
            at_level=_truth(now.get("at-level")),
            door_open=_truth(now.get("door-open")),
            moving=_truth(now.get("moving")),
        )
        if "presence" in now:
            self._confinement.presence(bool(now["presence"]), mono)
        found: list[Finding] = [
            PointValue(point, now[point]) for point in sorted(news, key=lambda p: not _calming(p, now[p]))
        ]
        return [*found, *self._confinement.counts(mono)] if "presence" in now else found

    def _now(self) -> dict[str, Value]:
        now = self._box | self._controller
        for point in ("alarm-button", "presence"):
            heard = [source[point] for source in (self._box, self._controller) if point in source]
            if heard:
                now[point] = any(heard)
        return now

    def _facts(self, registers: Mapping[str, int]) -> list[Finding]:
        found: list[Finding] = []
        code, mode = registers["fault_code"], registers["service_mode"]
        if code not in (0, self._code):
            found.append(CodeReported("equipment.code", code, code_meaning(code)))
        if mode != self._mode and (self._mode is not None or mode != _NORMAL):
            found.append(CodeReported("equipment.service-mode", mode, mode_meaning(mode)))
        self._code, self._mode = code, mode
        return found


def _points_of(registers: Mapping[str, int], rated_m_s: float) -> dict[str, Value]:
    speed = _signed(registers["speed"]) / 1000
    mode = registers["service_mode"]
    return {
        "service-mode": mode,
        "normal-service": mode == _NORMAL,
        "in-maintenance": mode == _INSPECTION,
        "direction": direction_name(registers["direction"]),
        "floor": _signed(registers["floor"]),
        "speed": speed,
        "speed-ratio": round(abs(speed) / rated_m_s, 4),
        "moving": abs(speed) >= MOVING_FROM_M_S,
        "at-level": registers["at_level"] != 0,
        "door-open": registers["door_state"] != 0,
        "door-reversals": registers["door_reversals"],
        "load": registers["load"],
        "fault-code": registers["fault_code"],
        "main-power": registers["main_power"] != 0,
        "alarm-button": registers["alarm_button"] != 0,
        "presence": registers["presence"] != 0,
    }


def _calming(point: str, value: Value) -> bool:
    """Whether a value of one snapshot must be heard before the others.

    Rules hear one point at a time: a car that left its floor with the door closed must not seem, between two points of
    the same snapshot, to move with the door open.
    """
    return (point, value) in (("door-open", False), ("at-level", True), ("moving", False), ("in-maintenance", True))


def _signed(register: int) -> int:
    return register - 2 * _SIGN if register & _SIGN else register


def _truth(value: Value | None) -> bool | None:
    return value if isinstance(value, bool) else None
