"""What goes wrong with lifts, as scripts."""

from __future__ import annotations

from firmware_sim.doors import DoorState
from firmware_sim.lift import FaultCode, Lift, Passenger, ServiceMode
from firmware_sim.lift_car import RESCUE, Motion
from firmware_sim.script import Script
from firmware_sim.staging import Staging

_CLEAR_OF_LANDINGS_M = 0.6
_ALARM_EVERY_S = 20.0
_REVERSALS_THAT_COUNT = 6
_DOOR_OPEN_THAT_COUNTS_S = 60.0
_SETTLED_S = 2.0
"""What a controller says of a stop is believed once the car has stood so long."""
_OVERSPEED = 1.3
_OVERSPEED_LIMIT = 1.15
_OUT_OF_SERVICE_AFTER_S = 300.0


def _take(lift: Lift) -> Script:
    """Nobody else calls it any more; wait until it stands empty."""
    lift.reserved = True
    yield lambda: lift.idle


def _furthest(lift: Lift) -> int:
    here = lift.car.nearest
    last = len(lift.levels) - 1
    return last if last - here >= here else 0


def _could_trap(lift: Lift) -> bool:
    """Someone is inside, and the brake would stop the car well clear of any landing."""
    under_way = lift.car.motion is Motion.TRAVELLING and lift.car.speed != 0
    return under_way and bool(lift.aboard) and abs(lift.car.braked_offset) > _CLEAR_OF_LANDINGS_M


def _freed(on: Staging[Lift]) -> Script:
    """A technician comes; it has ended when the car stands at a landing with its doors open."""
    lift = on.equipment
    lift.stage.play(lift.rescue())
    yield lambda: lift.car.standing and lift.car.at_level and not lift.car.doors.closed
    on.ended()
    yield lambda: lift.idle
    lift.reserved = False


def entrapment(on: Staging[Lift]) -> Script:
    """Onset: the car has come to rest between landings with a passenger inside."""
    lift = on.equipment
    lift.reserved = True
    yield lambda: lift.idle or _could_trap(lift)
    if lift.idle:
        lift.stage.play(lift.ride(lift.car.nearest, _furthest(lift), Passenger(70.0)))
        yield lambda: _could_trap(lift)
    lift.halt(FaultCode.STOPPED_OFF_LEVEL)
    yield lambda: lift.car.standing
    on.onset()
    end = on.now + on.seconds
    yield 4.0
    on.defined(after=3.0)
    while True:
        lift.stage.play(lift.press_alarm(5.0))
        if on.now + _ALARM_EVERY_S >= end:
            break
        yield _ALARM_EVERY_S
    yield max(end - on.now, 5.0)
    yield from _freed(on)


def door_will_not_close(on: Staging[Lift]) -> Script:
    """Onset: the doors reverse for the first time. Defined at the sixth reversal, or after 60 s open."""
    lift = on.equipment
    lift.reserved = True
    doors = lift.car.doors
    yield lambda: lift.idle or not doors.closed
    doors.obstructed_at = 0.5
    doors.open()
    before = doors.reversals
    yield lambda: doors.reversals > before
    on.onset()
    end = on.now + on.seconds
    yield (
        lambda: (
            (lift.has_controller and doors.reversals >= _REVERSALS_THAT_COUNT)
            or on.now - doors.last_closed >= _DOOR_OPEN_THAT_COUNTS_S
            or on.now >= end
        )
    )
    on.defined()
    yield max(end - on.now, 0.0)
    doors.obstructed_at = None
    yield lambda: doors.closed
    on.ended()
    doors.departed()
    lift.reserved = False


def unintended_movement(on: Staging[Lift]) -> Script:
    """Onset: the car leaves the unlocking zone with its doors open."""
    lift = on.equipment
    yield from _take(lift)
    lift.car.doors.kept_open = True
    lift.car.doors.open()
    yield lambda: lift.car.doors.state is DoorState.OPEN
    lift.run_away()
    yield lambda: not lift.car.at_level
    on.onset()
    on.defined()
    yield lambda: lift.car.standing
    lift.fault = FaultCode.UNINTENDED_MOVEMENT
    yield on.seconds
    yield from _freed(on)


def overspeed(on: Staging[Lift]) -> Script:
    """Onset: the speed passes 115 % of the rated speed. It ends when it is back below."""
    lift = on.equipment
    yield from _take(lift)
    lift.next_trip_factor = _OVERSPEED
    lift.calls.car.add(_furthest(lift))
    limit = lift.limits.speed * _OVERSPEED_LIMIT
    yield lambda: abs(lift.car.speed) > limit
    on.onset()
    on.defined(after=0.5)
    yield lambda: abs(lift.car.speed) <= limit
    on.ended()
    lift.reserved = False


def power_lost(on: Staging[Lift]) -> Script:
    """Onset: the main power goes, with the car empty at a landing. Defined five minutes later."""
    lift = on.equipment
    yield from _take(lift)
    lift.cut_power()
    on.onset()
    if on.seconds > _OUT_OF_SERVICE_AFTER_S:
        on.defined(after=_OUT_OF_SERVICE_AFTER_S)
    yield on.seconds
    lift.restore_power()
    on.ended()
    lift.reserved = False


def floor_stuck(on: Staging[Lift]) -> Script:
    """Onset: the car stands at another floor than its controller goes on saying. Defined at the end of the second trip that
    contradicts it. It ends with a trip on which the floor is right again.
    """
    lift = on.equipment
    yield from _take(lift)
    lift.floor_shown = lift.car.nearest
    yield from _trip(lift)
    on.onset()
    yield from _trip(lift)
    on.defined(after=_SETTLED_S)
    yield on.seconds
    lift.floor_shown = None
    yield from _trip(lift)
    on.ended()
    yield lambda: lift.idle
    lift.reserved = False


def _trip(lift: Lift) -> Script:
    """The empty car goes to the end of the shaft that is further away, and stands there."""
    yield lambda: lift.idle
    there = _furthest(lift)
    lift.calls.car.add(there)
    yield lambda: lift.car.standing and lift.car.at_level and lift.car.nearest == there


def inspection(on: Staging[Lift]) -> Script:
    """A technician runs the car slowly off level with the controller in inspection: nothing is wrong."""
    lift = on.equipment
    yield from _take(lift)
    lift.mode = ServiceMode.INSPECTION
    on.onset()
    end = on.now + on.seconds
    here = lift.car.nearest
    other = here - 1 if here else here + 1
    while on.now < end:
        lift.car.depart(other, on.now, RESCUE)
        yield 3.5
        lift.car.brake()
        yield min(50.0, max(end - on.now, 1.0))
        lift.car.depart(here, on.now, RESCUE)
        yield lambda: lift.car.standing
        lift.car.doors.open()
        yield lambda: lift.car.doors.closed
    lift.mode = ServiceMode.NORMAL
    on.ended()
    lift.reserved = False
