"""A lift with its passengers, its control and its misfortunes; what its controller and its retrofit sensors show."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from firmware_sim.lift_calls import Calls
from firmware_sim.lift_car import RESCUE, UNLOCKING_ZONE_M, Car, Motion, overspeeding
from firmware_sim.modbus import RegisterName
from firmware_sim.motion import Limits
from firmware_sim.script import Script, Stage

CAPACITY: Final = 13
"""Persons: 1,000 kg at 75 kg each (EN 81-20, 5.4.2.3)."""
_STEP_IN_S: Final = 1.2
_PIR_HOLD_S: Final = 1.5
_PIR_MEAN_INTERVAL_S: Final = 4.0
_SENSOR_OVERLAP_M: Final = 0.15


class ServiceMode(IntEnum):
    """GB/T 24476, as `LiftRegisters.service_mode` numbers them."""

    STOPPED = 0
    NORMAL = 1
    INSPECTION = 2


class FaultCode(IntEnum):
    """GB/T 24476, the part that is portable between makers."""

    NONE = 0
    DOOR_WILL_NOT_CLOSE = 2
    STOPPED_OFF_LEVEL = 4
    UNINTENDED_MOVEMENT = 5
    MAIN_POWER_OFF = 41


@dataclass(frozen=True, slots=True)
class Sensors:
    """The contacts of a retrofit box. Both level sensors are covered within the unlocking zone, one a little beyond."""

    level_up: bool
    level_down: bool
    door_open: bool
    presence: bool
    alarm_button: bool


@dataclass(frozen=True, slots=True, eq=False)
class Passenger:
    """Each is another, whatever they weigh (kg)."""

    mass: float


@dataclass(slots=True)
class Lift:
    """`reserved`: a fault is being staged, and nobody else may call this lift."""

    id: str
    levels: Sequence[float]
    limits: Limits
    rng: random.Random
    stage: Stage = field(default_factory=Stage)
    calls: Calls = field(default_factory=Calls)
    mode: ServiceMode = ServiceMode.NORMAL
    fault: FaultCode = FaultCode.NONE
    alarm_button: bool = False
    reserved: bool = False
    floor_shown: int | None = None
    """What the controller goes on saying of its floor; None: where the car is."""
    has_controller: bool = True
    aboard: list[Passenger] = field(default_factory=list)
    next_trip_factor: float = 1.0
    car: Car = field(init=False)
    now: float = 0.0
    _heading: int = 0
    _halted: bool = False
    _presence_until: float = -1.0
    _next_movement: float = 0.0

    def __post_init__(self) -> None:
        self.car = Car(self.levels, self.limits)

    # -- what it shows -----------------------------------------------------------------------------------------------

    def registers(self) -> dict[RegisterName, int]:
        car = self.car
        sway = self.rng.randint(-4, 4) if self.aboard and car.speed else 0
        return {
            "service_mode": self.mode,
            "direction": (0, 1, 2)[car.direction],
            "floor": (car.nearest if self.floor_shown is None else self.floor_shown) + 1,
            "speed": round(car.speed * 1000),
            "door_state": car.doors.state,
            "load": max(round(sum(passenger.mass for passenger in self.aboard)) + sway, 0),
            "fault_code": self.fault,
            "main_power": int(car.powered),
            "alarm_button": int(self.alarm_button),
            "at_level": int(car.at_level),
            "presence": int(self.presence),
            "door_reversals": car.doors.reversals,
        }

    def sensors(self) -> Sensors:
        offset = self.car.offset
        beyond = UNLOCKING_ZONE_M + _SENSOR_OVERLAP_M
        return Sensors(
            level_up=-UNLOCKING_ZONE_M <= offset <= beyond,
            level_down=-beyond <= offset <= UNLOCKING_ZONE_M,
            door_open=not self.car.doors.closed,
            presence=self.presence,
            alarm_button=self.alarm_button,
        )

    @property
    def presence(self) -> bool:
        return self.now <= self._presence_until

    @property
    def idle(self) -> bool:
        """At a landing with closed doors, empty, and nobody waiting."""
        car = self.car
        at_rest = car.standing and car.at_level and car.doors.closed
        return at_rest and not (self.calls or self.aboard or self._halted)

    @property
    def in_service(self) -> bool:
        return self.mode is ServiceMode.NORMAL and self.car.powered and not self._halted

    # -- time --------------------------------------------------------------------------------------------------------

    def step(self, now: float, dt: float) -> None:
        self.now = now
        arrived = self.car.step(now, dt)
        if arrived:
            self.car.doors.open()
        if self.in_service:
            self._serve(now)
        self._notice_movement(now)
        self.stage.step(now)

    def _serve(self, now: float) -> None:
        car = self.car
        if car.motion is Motion.TRAVELLING and self._heading:
            stop = self.calls.next_stop(car.floor_fraction, self._heading)
            if stop is not None and car.trip is not None and self.levels[stop[0]] != car.trip.target:
                car.stop_on_the_way(stop[0], now)
        elif car.standing and not car.doors.closed:
            self.calls.answered(car.nearest, self._heading)
        elif car.standing:
            self._go(now)

    def _go(self, now: float) -> None:
        car = self.car
        stop = self.calls.next_stop(car.nearest, self._heading)
        if stop is None:
            self._heading = 0
            return
        floor, self._heading = stop
        if floor == car.nearest and car.at_level:
            car.doors.open()
            return
        car.doors.departed()
        limits = overspeeding(self.limits, self.next_trip_factor) if self.next_trip_factor != 1.0 else None
        self.next_trip_factor = 1.0
        car.depart(floor, now, limits)

    def _notice_movement(self, now: float) -> None:
        """The PIR in the ceiling: people stir every few seconds, an empty car never does."""
        if not self.aboard:
            self._next_movement = now
        elif now >= self._next_movement:
            self._presence_until = now + _PIR_HOLD_S
            self._next_movement = now + _PIR_HOLD_S + 0.5 + self.rng.expovariate(1 / _PIR_MEAN_INTERVAL_S)

    # -- passengers --------------------------------------------------------------------------------------------------

    def ride(self, origin: int, destination: int, passenger: Passenger) -> Script:
        """Someone calls the lift, gets in, travels, gets out - or is let out elsewhere by a technician."""
        while True:
            self.calls.press(origin, destination)
            yield lambda: self.car.boardable and self.car.nearest == origin
            if len(self.aboard) < CAPACITY:
                break
            yield lambda: not self.car.boardable
        self.car.doors.hold(self.now)
        yield _STEP_IN_S
        self.aboard.append(passenger)
        self.calls.car.add(destination)
        yield lambda: passenger not in self.aboard or (self.car.boardable and self.car.nearest == destination)
        if passenger in self.aboard:
            self.car.doors.hold(self.now)
            yield _STEP_IN_S
            self.aboard.remove(passenger)

    def press_alarm(self, seconds: float) -> Script:
        self.alarm_button = True
        yield seconds
        self.alarm_button = False

    # -- misfortunes -------------------------------------------------------------------------------------------------

    def halt(self, code: FaultCode) -> None:
        """The safety circuit opens: the brake falls in, and the controller waits for a person."""
        self._halted = True
        self.fault = code
        self.car.brake()

    def run_away(self) -> None:
        """The brake lets go at a landing with the doors open, and the control has no say."""
        self._halted = True
        self.car.drift()

    def rescue(self) -> Script:
        """A technician brings the car to the nearest landing by hand, opens the doors, and resets the controller."""
        car = self.car
        car.doors.obstructed_at = None
        car.doors.kept_open = False
        yield lambda: car.standing
        yield lambda: car.doors.closed
        if abs(car.offset) > 0.0:
            car.depart(car.nearest, self.now, RESCUE)
            yield lambda: car.standing
        car.doors.open()
        yield lambda: car.boardable
        self.fault = FaultCode.NONE
        self._heading = 0
        self.calls = Calls()
        # Whoever was inside walks out here and takes the stairs.
        yield _STEP_IN_S
        self.aboard.clear()
        self._halted = False

    def cut_power(self) -> None:
        self.car.powered = False
        self.mode, self.fault = ServiceMode.STOPPED, FaultCode.MAIN_POWER_OFF
        self.car.brake()

    def restore_power(self) -> None:
        self.car.powered = True
        self.mode, self.fault = ServiceMode.NORMAL, FaultCode.NONE
